/** Every screen of the panel, with data in it: for everybody, on any screen, light, and of nobody else's making. */
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setPassword } from '../../src/people/sessions.ts'
import { barriers } from '../http/barriers.ts'
import { password } from '../http/panel-support.ts'
import { openChromium, serve } from '../http/support.ts'
import { fullApp } from './data.ts'
import { eachScreen, getRoutes } from './screens.ts'
import { picture, signIn } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

const maxBytes = 100_000

test('every screen is reached by links, can be used by everybody at 360 and 1,280 px, and asks nobody else', async () => {
  const app = await fullApp()
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  await setPassword(app.db, app.luis, 'todas', password, app.clock.now())
  const context = await browser.newContext()
  const said = listen(context, url)
  const page = await context.newPage()
  await page.goto(`${url}/panel`)
  await signIn(page, 'todas')
  await page.close()

  const start = app.start.map((path) => `${url}${path}`)
  const screens = await eachScreen(
    context,
    start,
    async (screen, { url: here }) => {
      for (const width of [360, 1_280]) {
        await screen.setViewportSize({ width, height: 800 })
        const wide = await screen.evaluate<number>('document.documentElement.scrollWidth')
        expect.soft(wide, `${here} at ${width} px`).toBeLessThanOrEqual(width)
        expect.soft(await barriers(screen), `${here}, ${width} px`).toEqual([])
      }
    },
    4,
  )
  const failed = await context.newPage()
  await failed.goto(`${url}/panel/ediciones/${app.failed}`)
  const results = failed.getByRole('heading', { name: 'Envío', exact: true })
  await picture(failed, 'fallos', { from: results, height: 700 })
  await failed.goto(`${url}/panel/ediciones/${app.failed}/inciertos`)
  await picture(failed, 'inciertos', { height: 1000 })
  await context.close()
  expect(said).toEqual([])
  const reached = new Set(screens.map(({ route }) => route))
  expect(getRoutes.filter((route) => !reached.has(route))).toEqual([])
}, 420_000)

/** What no page may do: ask elsewhere, say an error (the browser says there what a policy refused), or weigh too much. */
function listen(context: BrowserContext, own: string): string[] {
  const said: string[] = []
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== own && protocol.startsWith('http')) said.push(`asked ${request.url()}`)
  })
  context.on('console', (message) => {
    if (message.type() === 'error') said.push(`${message.page()?.url()}: ${message.text()}`)
  })
  context.on('weberror', (error) => said.push(String(error.error())))
  context.on('requestfinished', (request) => {
    if (request.resourceType() !== 'document') return
    void request
      .sizes()
      .then(({ responseBodySize }) => {
        if (responseBodySize > maxBytes) said.push(`${request.url()}: ${responseBodySize} bytes`)
      })
      .catch(() => undefined)
  })
  return said
}
