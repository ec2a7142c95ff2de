/** A real dispatch in a browser: seen as it goes, paused in the middle, resumed and finished; by reload without a script. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { movableClock } from '../../src/clock.ts'
import { pause } from '../../src/flow/control.ts'
import { release } from '../../src/flow/release.ts'
import { setPassword } from '../../src/people/sessions.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mondayMorning,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { testRelay, type Behaviour, type TestRelay } from '../support/relay.ts'
import { barriers } from './barriers.ts'
import { password } from './panel-support.ts'
import { openChromium, serve } from './support.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

interface OnItsWay {
  app: TestApp
  relay: TestRelay
  id: number
  url: string
}

/** As many in a second as `rate`, by workers of this process. */
async function onItsWay(
  recipients: number,
  rate: number,
  behave?: (address: string) => Behaviour,
): Promise<OnItsWay> {
  const relay = await testRelay(behave)
  const env = {
    SENDER_ADMIN_RELAY_URL: relay.url,
    SENDER_ADMIN_RATE_PER_SECOND: String(rate),
    MAIL_ALLOWLIST: '@example.org',
  }
  const app = await testApp({ env, recipients, clock: movableClock(mondayMorning) })
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await setPassword(app.db, app.luis, 'luis', password, app.clock.now())
  await startWorkers(app)
  await release(app.engine, id)
  return { app, relay, id, url }
}

async function open(page: Page, { url, id }: OnItsWay): Promise<void> {
  await page.goto(`${url}/panel/ediciones/${id}`)
  await page.getByLabel('Clave').fill('luis')
  await page.getByLabel('Contraseña').fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
  await page.getByRole('heading', { level: 1, name: /^Boletín Electoral/ }).waitFor()
}

const acceptedOn = async (page: Page): Promise<number> => {
  const words = await page.locator('[data-live]').innerText()
  return Number(/(\d+) de \d+ aceptad/.exec(words)![1])
}

/** Everybody can use it at both widths. */
async function usable(page: Page): Promise<void> {
  const scripts = await browser.newPage()
  await scripts.setContent(await page.content())
  for (const width of [320, 1_280]) {
    await scripts.setViewportSize({ width, height: 800 })
    expect.soft(await barriers(scripts), `${page.url()}, ${width} px`).toEqual([])
    const content = await scripts.evaluate<number>('document.documentElement.scrollWidth')
    expect.soft(content, `${page.url()} at ${width} px`).toBeLessThanOrEqual(width)
  }
  await scripts.close()
}

test('a dispatch is seen as it goes, paused in the middle, resumed, and finished, with no reload', async () => {
  const dispatch = await onItsWay(100, 4)
  const { app, relay, id } = dispatch
  const page = await browser.newPage()
  let loads = 0
  page.on('load', () => loads++)
  await open(page, dispatch)
  const first = await acceptedOn(page)
  await page.waitForLoadState()
  loads = 0
  await eventually(
    () => acceptedOn(page),
    (accepted) => accepted > first,
  )
  expect(await page.locator('[data-live]').innerText()).toMatch(
    /mensajes? por segundo\. Terminará hacia las \d\d:\d\d horas/,
  )
  expect(loads).toBe(0)

  await page.getByText('Pausar este envío').click()
  await page.getByLabel('Motivo de la pausa').fill('Revisar un dato')
  await page.getByRole('button', { name: 'Pausar' }).click()
  await page.getByText('En pausa: nada más sale').waitFor()
  expect(await editionNow(app, id)).toMatchObject({ state: 'paused' })
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const atRest = relay.taken.length
  expect(atRest).toBeLessThan(100)
  await usable(page)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(relay.taken).toHaveLength(atRest)

  await page.getByRole('button', { name: 'Reanudar' }).click()
  await page.getByText('Pausar este envío').waitFor()
  await page.waitForLoadState()
  loads = 0
  await page.getByText('Concluido.').waitFor({ timeout: 60_000 })
  expect(loads).toBe(0)
  expect(await acceptedOn(page)).toBe(100)
  expect(new Set(relay.taken.map(({ to }) => to)).size).toBe(100)
  expect(relay.taken).toHaveLength(100)
  await usable(page)
  await page.getByRole('link', { name: 'Cargar la página de nuevo' }).click()
  await page.locator('[data-live]').waitFor({ state: 'detached' })
}, 120_000)

test('without a script it is paused and resumed by reload, and the unknown are resolved', async () => {
  const gone = new Set(['persona3@example.org', 'persona5@example.org'])
  const dispatch = await onItsWay(40, 2, (address) =>
    gone.has(address) ? { kind: 'drop', at: 'dot' } : { kind: 'accept' },
  )
  const { app, relay, id } = dispatch
  const page = await browser.newPage({ javaScriptEnabled: false })
  await open(page, dispatch)
  await page.getByText('Pausar este envío').click()
  await page.getByRole('button', { name: 'Pausar' }).click()
  expect(await page.locator('h1').innerText()).toMatch(/^Pausar/)
  await usable(page)
  await page.getByLabel('Motivo de la pausa').fill('Un momento')
  await page.getByRole('button', { name: 'Pausar' }).click()
  expect(await page.locator('main').innerText()).toContain('En pausa: nada más sale')
  await page.getByRole('button', { name: 'Reanudar' }).click()
  await eventually(
    async () => {
      await page.reload()
      return editionNow(app, id)
    },
    ({ state }) => state === 'sent',
    60_000,
  )
  await page.reload()
  await usable(page)
  expect(await page.locator('main').innerText()).toContain('Concluido con fallos (2)')
  await page.getByRole('link', { name: 'Resolver 2 de resultado incierto' }).click()
  await usable(page)
  await page.getByRole('button', { name: 'Resolver' }).click()
  await usable(page)
  relay.behave = () => ({ kind: 'accept' })
  await page.getByLabel('Todas (2)').check()
  await page.getByLabel('Reenviarlas').check()
  await page.getByLabel(/^Acepto que alguna persona/).check()
  await page.getByRole('button', { name: 'Resolver' }).click()
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
  )
  expect(relay.taken).toHaveLength(42)
}, 120_000)

test('where events do not arrive it asks for a quarter of an hour, and then lets the session end', async () => {
  const dispatch = await onItsWay(3, 1)
  await pause(dispatch.app.engine, dispatch.app.luis, dispatch.id, 'Revisar un dato')
  const page = await browser.newPage()
  await page.clock.install()
  let asked = 0
  await page.route(/\/avance$/, async (route) => {
    const isStream = route.request().headers()['accept'] === 'text/event-stream'
    if (!isStream) asked++
    await route.fulfill(isStream ? { status: 204 } : { status: 200, body: '<p>Va</p>' })
  })
  await open(page, dispatch)
  const live = page.locator('[data-live]')
  await eventually(
    async () => {
      await page.clock.runFor(5_000)
      return live.innerText()
    },
    (text) => text === 'Va',
  )
  await page.clock.runFor(15 * 60_000)
  await page.getByText('Esta página dejó de actualizarse').waitFor()
  const before = asked
  expect(before).toBeGreaterThan(100)
  await page.clock.runFor(10 * 60_000)
  expect(asked).toBe(before)
}, 60_000)
