/** A mail on request in a browser: written without a script, and with what the script adds. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTopic } from '../../src/content/topics.ts'
import { setPassword } from '../../src/people/sessions.ts'
import { addContacts, testApp, type TestApp } from '../support/app.ts'
import { barriers } from './barriers.ts'
import { password } from './panel-support.ts'
import { openChromium, serve } from './support.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('an invitation is written step by step and asked for, without a script, on any screen', async () => {
  const { app, url } = await panelApp()
  const page = await browser.newPage({ javaScriptEnabled: false })
  await page.goto(`${url}/panel/correos/nuevo`)
  await signIn(page)
  await usable(page, 'Correo puntual')
  await page.getByRole('button', { name: 'Empezar' }).click()
  await usable(page, 'Correo puntual')
  expect(await page.locator('[role=alert]').first().innerText()).toContain('Elija la clase')
  await page.getByLabel('Invitación a la Red').check()
  await page.getByRole('button', { name: 'Empezar' }).click()

  await usable(page, 'Asunto y tema')
  await page.getByLabel('Asunto', { exact: true }).fill('Taller de observación')
  await next(page)
  await usable(page, 'Asunto y tema')
  // the link of the summary leads to the field
  await page.getByRole('link', { name: 'Elija el tema.' }).click()
  expect(page.url()).toContain('#c-tema')
  expect(await page.getByLabel('Asunto', { exact: true }).inputValue()).toBe(
    'Taller de observación',
  )
  await page.getByLabel('Tema', { exact: true }).selectOption({ label: 'Taller' })
  await next(page)

  await usable(page, 'Mensaje')
  await page
    .getByLabel('Texto del correo', { exact: true })
    .fill('Les invitamos al **taller**.\n\n- Uno\n- Dos')
  await next(page)
  await usable(page, 'Evento')
  await page.getByLabel('Sí', { exact: true }).check()
  await page.getByLabel('Día del evento').fill('2026-12-03')
  await page.getByLabel('Empieza a las').fill('18:00')
  await page.getByLabel('Termina a las').fill('19:30')
  await page.getByRole('button', { name: 'Comprobar' }).click()
  await usable(page, 'Evento')
  expect(await page.locator('main').innerText()).toContain('3 de diciembre de 2026 es jueves')
  await page.getByLabel('Nombre del evento').fill('Taller')
  await page.getByLabel('Modalidad').selectOption('virtual')
  await page.getByLabel('Liga de registro').fill('https://example.org/registro')
  await next(page)
  await usable(page, 'A quiénes')
  await next(page)
  await usable(page, 'Cuándo')
  await page.goto(page.url().replace('cuando', 'revisar'))
  await usable(page, 'Revisar antes de solicitar')
  await page.getByRole('link', { name: 'Cuándo' }).last().click()
  await page.getByLabel('Día').fill('2026-11-28')
  await page.getByLabel('Hora').fill('15:00')
  await next(page)
  await usable(page, 'Revisar antes de solicitar')
  expect(await page.locator('main').innerText()).toContain('es fin de semana')
  await page.frameLocator('iframe').getByText('Les invitamos al taller').last().waitFor()
  await page.getByRole('button', { name: 'Solicitar aprobación' }).click()
  await page.waitForURL('**/panel/ediciones/*')
  await page.goBack()
  await page.reload()
  expect(page.url()).toContain('/panel/ediciones/')
  const editions = await app.db.selectFrom('edition').select('state').execute()
  expect(editions).toEqual([{ state: 'ready' }])
  await page.context().close()
}, 180_000)

test('with a script the subject is counted and the buttons mark the text', async () => {
  const { url } = await panelApp()
  const page = await browser.newPage()
  await page.goto(`${url}/panel/correos/nuevo`)
  await signIn(page)
  await page.getByLabel('Invitación a la Red').check()
  await page.getByRole('button', { name: 'Empezar' }).click()
  await page.getByLabel('Asunto', { exact: true }).fill('x'.repeat(70))
  expect(await page.locator('#c-asunto-cuenta').innerText()).toBe(
    '70 de 60 caracteres recomendados, 10 de más',
  )
  await page.goto(page.url().replace('asunto', 'mensaje'))
  const text = page.getByLabel('Texto del correo', { exact: true })
  await text.fill('taller')
  await text.selectText()
  await page.getByRole('button', { name: 'Negritas' }).click()
  expect(await text.inputValue()).toBe('**taller**')
  await page.getByRole('button', { name: 'Liga', exact: true }).click()
  expect(await text.inputValue()).toBe('[**taller**](https://)')
  expect(await barriers(page)).toEqual([])
  await page.context().close()
}, 60_000)

test('two windows: both versions are shown to everybody', async () => {
  const { url } = await panelApp()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}/panel/correos/nuevo`)
  await signIn(page)
  await page.getByLabel('Invitación a la Red').check()
  await page.getByRole('button', { name: 'Empezar' }).click()
  const other = await context.newPage()
  await other.goto(page.url())
  await page.getByLabel('Asunto', { exact: true }).fill('De la primera ventana')
  await next(page)
  await other.getByLabel('Asunto', { exact: true }).fill('De la segunda ventana')
  await next(other)
  await usable(other, /^Se guardó en otra ventana/)
  expect(await other.locator('table').innerText()).toMatch(
    /De la segunda ventana\s+De la primera ventana/,
  )
  await context.close()
}, 60_000)

const next = (page: Page): Promise<void> =>
  page
    .getByRole('button', { name: /^Guardar (y continuar|lo de)/ })
    .last()
    .click()

async function panelApp(): Promise<{ app: TestApp; url: string }> {
  const app = await testApp()
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  await setPassword(app.db, app.luis, 'ana', password, app.clock.now())
  await addTopic(app.db, { key: 'taller', name: 'Taller' }, app.clock.now())
  await addContacts(app, 4, 'observadora', 'red-observacion')
  return { app, url }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Clave').fill('ana')
  await page.getByLabel('Contraseña').fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
}

/** Everybody can use it at both widths, and it is the page that it should be. */
async function usable(page: Page, title: string | RegExp): Promise<void> {
  expect(await page.locator('h1').innerText()).toMatch(title)
  // axe needs scripts, which the page may be without: it looks at the same document
  const scripts = await browser.newPage()
  await scripts.setContent(await page.content())
  for (const width of [320, 1_200]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${String(title)}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${String(title)} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}
