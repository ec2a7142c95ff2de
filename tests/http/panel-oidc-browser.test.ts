/** Signing in by an account of the institution in a browser: from another site and back, by its cookies and our policy. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { institution, type Institution } from './oidc-support.ts'
import { openChromium, serve } from './support.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

const button = 'Entrar con la cuenta institucional'

/** The panel is 127.0.0.1 and the provider localhost: two sites, as they will be. */
async function office(): Promise<Institution & { url: string }> {
  const ours = await institution()
  const { url } = await serve(ours.app.engine)
  ours.app.engine.config.publicUrl = url
  ours.open(url)
  return { ...ours, url }
}

async function sayWho(page: Page, who: string): Promise<void> {
  await page.locator('input[name=login]').fill(who)
  await page.locator('input[name=password]').fill('x')
  await page.locator('button[type=submit]').click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** Everybody can use it at both widths. */
async function usable(page: Page, title: string): Promise<void> {
  expect(await page.locator('h1').innerText()).toBe(title)
  const scripts = await browser.newPage()
  // axe needs scripts, which the pages do without: it looks at the same document
  await scripts.setContent(await page.content())
  for (const width of [320, 1_280]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${title}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${title} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}

test('from the page that asked, by the provider of another site, back to that page', async () => {
  const { url, issuer } = await office()
  const page = await browser.newPage({ javaScriptEnabled: false })
  const blocked: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|cookie/i.test(message.text())) blocked.push(message.text())
  })
  await page.goto(`${url}/panel/registro`)
  await usable(page, 'Entrar al panel')
  await page.getByRole('link', { name: button }).click()
  expect(page.url()).toContain(`${issuer}/interaction/`)
  await sayWho(page, 'ana')
  expect(page.url()).toBe(`${url}/panel/registro`)
  const cookies = await page.context().cookies(url)
  expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
    ['pregonero', true, 'Lax'],
  ])
  await page.reload()
  expect(await page.getByRole('link', { name: 'Ana', exact: true }).isVisible()).toBe(true)

  await page.getByRole('button', { name: 'Salir' }).click()
  await usable(page, 'Entrar al panel')
  expect(blocked).toEqual([])
}, 120_000)

test('who has no account, who cancels and who comes back late read what to do, and the way back', async () => {
  const { url, app } = await office()
  const page = await browser.newPage({ javaScriptEnabled: false })
  await page.goto(`${url}/panel/entrar`)
  await page.getByRole('link', { name: button }).click()
  await sayWho(page, 'ajena')
  await usable(page, 'Esta cuenta no tiene acceso al panel')
  await page.reload()
  await usable(page, 'Este intento de entrar ya no sirve')
  await page.getByRole('link', { name: 'Volver a la página para entrar' }).click()
  await usable(page, 'Entrar al panel')

  const other = await browser.newPage({ javaScriptEnabled: false })
  await other.goto(`${url}/panel/entrar`)
  await other.getByRole('link', { name: button }).click()
  await other.getByRole('link', { name: 'Cancel' }).click()
  await usable(other, 'No se completó la entrada')
  await other.goto(`${url}/panel/entrar`)
  await other.getByRole('link', { name: button }).click()
  app.clock.advance(11 * 60_000)
  await sayWho(other, 'ana')
  await usable(other, 'Este intento de entrar ya no sirve')
}, 120_000)

test('a text that outlived its session waits in its tab while its writer signs in in another', async () => {
  const { url, app } = await office()
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${url}/panel/configuracion/temas`)
  await page.getByRole('link', { name: button }).click()
  await sayWho(page, 'luis')
  await page.getByLabel('Nombre').first().fill('Voto en «reclusión»')
  app.clock.advance(61 * 60_000)
  await page.locator('main form button').first().click()
  await usable(page, 'Entrar al panel')
  await page.getByRole('button', { name: 'Continuar con mi texto' }).click()
  expect(await page.getByRole('alert').innerText()).toContain('Todavía no hay una sesión abierta')

  const opening = context.waitForEvent('page')
  await page.getByRole('link', { name: `${button} (se abre en otra pestaña)` }).click()
  const beside = await opening
  await beside.waitForURL(`${url}/panel`)
  await page.getByRole('button', { name: 'Continuar con mi texto' }).click()
  await usable(page, 'Su texto está a salvo')
  await page.getByRole('button', { name: 'Continuar' }).click()
  expect(await page.locator('main').innerHTML()).toContain('Voto en «reclusión»')
  await context.close()
}, 120_000)
