/** The panel in a browser: an invitation is marked ready by one person and approved by another, who see the same. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTopic } from '../../src/content/topics.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { invite } from '../../src/flow/invite.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { addContacts, editionNow, testApp, type TestApp } from '../support/app.ts'
import { barriers } from './barriers.ts'
import { openChromium, serve } from './support.ts'

const password = 'una frase que recuerdo'
const invitation = readFileSync(
  new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
  'utf8',
)

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('an invitation is marked ready by who wrote it and approved by another, without a script, on any screen', async () => {
  const { app, url } = await panelApp()
  const topic = { key: 'taller-que-observa-quien-observa', name: 'Taller' }
  await addTopic(app.db, topic, app.clock.now())
  await addContacts(app, 4, 'observadora', 'red-observacion')
  const file = { text: invitation, place: 'invitacion.yaml' }
  const { edition } = await invite(app.engine, app.ana, file)
  await addContent(app.engine, app.ana, file, edition.period)

  const ana = await browser.newPage({ javaScriptEnabled: false })
  await ana.goto(`${url}/panel`)
  await usable(ana, 'Entrar al panel')
  await signIn(ana, 'ana', 'otra frase larga')
  await usable(ana, 'Entrar al panel')
  expect(await ana.locator('[role=alert]').innerText()).toContain('no son correctas')
  await signIn(ana, 'ana')
  await usable(ana, 'Agenda')
  await ana
    .getByRole('link', { name: /Invitación a la Red/ })
    .first()
    .click()
  await usable(ana, /^Invitación a la Red de Observación/)
  await ana.getByRole('link', { name: 'Editar el contenido' }).click()
  await usable(ana, /^Contenido/)
  await ana
    .getByLabel('Asunto', { exact: true })
    .fill('Qué observa quien observa, corregida en el panel')
  await ana.getByRole('button', { name: 'Guardar' }).last().click()
  await usable(ana, /^Invitación a la Red de Observación/)
  const mail = ana.frameLocator('iframe')
  await mail.getByText('Qué observa quien observa').first().waitFor()
  expect(await ana.getByRole('button', { name: 'Aprobar' }).count()).toBe(0)
  await ana.getByRole('button', { name: 'Marcar como lista' }).click()
  await usable(ana, /^Invitación a la Red de Observación/)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'ready' })

  const luis = await browser.newPage({ javaScriptEnabled: false })
  await luis.goto(`${url}/panel/ediciones/${edition.id}`)
  await signIn(luis, 'luis')
  await usable(luis, /^Invitación a la Red de Observación/)
  expect(await luis.locator('main').innerText()).toContain('a 4 direcciones')
  await luis.getByRole('button', { name: 'Aprobar' }).click()
  expect(await luis.locator('main').innerText()).toMatch(/aprobada[^]*Luis, la aprobó/i)
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'approved' })

  // reloading the page that acted acts no second time
  await luis.reload()
  await usable(luis, /^Invitación a la Red de Observación/)
  const acts = await app.db
    .selectFrom('auditLog')
    .select('act')
    .where('act', '=', 'approve')
    .execute()
  expect(acts).toHaveLength(1)
}, 120_000)

test('a refusal says what to do, and a session that ended loses its way back to nothing but the sign-in', async () => {
  const { app, url } = await panelApp()
  const page = await browser.newPage()
  await page.goto(`${url}/panel/ediciones/99`)
  await signIn(page, 'luis')
  await usable(page, 'No existe')
  await app.db.deleteFrom('staffSession').execute()
  await page.goto(`${url}/panel`)
  await usable(page, 'Entrar al panel')
  await signIn(page, 'luis')
  await page.getByRole('button', { name: 'Salir' }).click()
  await usable(page, 'Entrar al panel')
  await page.goBack()
  await page.reload()
  await usable(page, 'Entrar al panel')
}, 120_000)

async function panelApp(): Promise<{ app: TestApp; url: string }> {
  const app = await testApp()
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  for (const login of ['ana', 'luis'])
    await setPassword(app.db, app.luis, login, password, app.clock.now())
  return { app, url }
}

async function signIn(page: Page, login: string, secret = password): Promise<void> {
  await page.getByLabel('Clave').fill(login)
  await page.getByLabel('Contraseña').fill(secret)
  await page.getByRole('button', { name: 'Entrar' }).click()
}

/** Everybody can use it at both widths, and it is the page that it should be. */
async function usable(page: Page, title: string | RegExp): Promise<void> {
  expect(await page.locator('h1').innerText()).toMatch(title)
  const scripts = await browser.newPage()
  // axe needs scripts, which the story does without: it looks at the same document
  await scripts.setContent(await page.content())
  for (const width of [320, 1_200]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${String(title)}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${String(title)} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}
