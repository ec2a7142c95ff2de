/** In a browser: a session that ends in mid-form, two people on one form, and the warning before a session ends. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { draftOfEdition } from '../../src/content/drafts.ts'
import { panelPaths } from '../../src/http/panel/route.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { boletin, testApp } from '../support/app.ts'
import { barriers } from './barriers.ts'
import { openChromium, serve } from './support.ts'

const password = 'una frase que recuerdo'
const image = fileURLToPath(new URL('../../jobs/samples/ciudad-y-diaspora.png', import.meta.url))

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('a session that ends in mid-form loses nothing: who signs in goes on with their text', async () => {
  const { app, url, edition, path } = await newsroom()
  const page = await openAs(url, path, 'ana')
  await page.getByLabel('Titular').fill('Escrito antes de que terminara la sesión')
  await page.getByRole('textbox', { name: 'Entrada' }).fill('Un renglón\n\nOtro «renglón» & más')
  app.clock.advance(61 * 60_000)
  await page.getByRole('button', { name: 'Guardar borrador' }).click()
  await usable(page, 'Entrar al panel')
  await signIn(page, 'ana', 'otra frase larga')
  await usable(page, 'Entrar al panel')
  await signIn(page, 'ana')
  await usable(page, 'Su texto está a salvo')
  expect((await draftOfEdition(app.db, edition.id))?.body).toBeUndefined()
  await page.getByRole('button', { name: 'Continuar' }).click()
  await usable(page, /^Contenido/)
  expect(await page.getByRole('status').innerText()).toContain('Guardado a las 10:01 horas')
  expect(await page.getByLabel('Titular').inputValue()).toBe(
    'Escrito antes de que terminara la sesión',
  )
  expect(await page.getByRole('textbox', { name: 'Entrada' }).inputValue()).toBe(
    'Un renglón\n\nOtro «renglón» & más',
  )
}, 120_000)

test('a form with an image, its conflict and its errors can be used by everybody', async () => {
  const { url, path } = await newsroom()
  const [ana, luis] = [await openAs(url, path, 'ana'), await openAs(url, path, 'luis')]
  await ana.locator('input[type=file]').first().setInputFiles(image)
  await ana.getByLabel('Titular').fill('')
  await ana.getByRole('button', { name: 'Ver qué falta' }).click()
  await usable(ana, /^Contenido/)
  expect(await ana.getByRole('alert').first().innerText()).toMatch(/Titular: falta/)
  expect(await ana.locator('select[name$=".archivo"]').first().inputValue()).toBe(
    'ciudad-y-diaspora.png',
  )
  await luis.getByLabel('Titular').fill('Lo de Luis')
  await luis.getByRole('button', { name: 'Guardar y revisar' }).click()
  await usable(luis, /^Contenido/)
  await luis.getByText('Ver la versión de Ana').click()
  await usable(luis, /^Contenido/)
  await luis.getByRole('button', { name: 'Guardar la mía encima' }).first().click()
  expect(await luis.getByLabel('Titular').inputValue()).toBe('Lo de Luis')
  await luis.getByRole('button', { name: 'Guardar y revisar' }).click()
  await usable(luis, /^Boletín Electoral/)
}, 120_000)

test('two minutes before its end a session asks whether to go on, and goes on', async () => {
  const { app, url } = await newsroom()
  const page = await browser.newPage()
  // of a machine whose clock is a day wrong
  await page.clock.install({ time: app.clock.now().getTime() + 24 * 3_600_000 })
  await page.goto(`${url}/panel`)
  await signIn(page, 'ana')
  const box = page.locator('[data-session-left]')
  const wait = async (minutes: number) => {
    app.clock.advance(minutes * 60_000)
    await page.clock.fastForward(minutes * 60_000)
  }
  await wait(57)
  expect(await box.isVisible()).toBe(false)
  await wait(1.5)
  await box.waitFor({ state: 'visible' })
  expect(await box.innerText()).toContain('Su sesión termina a las 10:00 horas')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Seguir en la sesión' }).click()
  await box.waitFor({ state: 'hidden' })
  await wait(30)
  await page.reload()
  expect(await page.locator('h1').innerText()).toBe('Agenda')
}, 120_000)

async function newsroom() {
  const app = await testApp()
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  for (const login of ['ana', 'luis'])
    await setPassword(app.db, app.luis, login, password, app.clock.now())
  const edition = await boletin(app, { ready: false })
  return { app, url, edition, path: panelPaths.content(edition.id) }
}

async function openAs(url: string, path: string, login: string): Promise<Page> {
  const page = await browser.newPage({ javaScriptEnabled: false })
  await page.goto(`${url}${path}`)
  await signIn(page, login)
  await usable(page, /^Contenido/)
  return page
}

async function signIn(page: Page, login: string, secret = password): Promise<void> {
  await page.getByLabel('Clave').fill(login)
  await page.getByLabel('Contraseña').fill(secret)
  await page.getByRole('button', { name: 'Entrar' }).click()
}

async function usable(page: Page, title: string | RegExp): Promise<void> {
  expect(await page.locator('h1').innerText()).toMatch(title)
  const scripts = await browser.newPage()
  // axe needs scripts, which the pages do without: it looks at the same document
  await scripts.setContent(await page.content())
  for (const width of [320, 1_200]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${String(title)}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${String(title)} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}
