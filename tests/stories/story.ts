/** A story: people in real browsers, a server, workers, a relay, and a clock that only the story moves. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { small } from '../../docs/previews/make.ts'
import { movableClock } from '../../src/clock.ts'
import { addTopic } from '../../src/content/topics.ts'
import { plan } from '../../src/flow/plan.ts'
import { setPassword } from '../../src/people/sessions.ts'
import type { Role } from '../../src/people/users.ts'
import { barriers } from '../http/barriers.ts'
import { password } from '../http/panel-support.ts'
import { serve } from '../http/support.ts'
import {
  addTestUser,
  eventually,
  startWorkers,
  testApp,
  type TestApp,
  type TestAppOptions,
} from '../support/app.ts'

export interface Office {
  app: TestApp
  url: string
  /** A browser of their own, signed in. */
  as(login: string): Promise<Page>
  /** Days pass: sessions end, the planner looks. */
  moveTo(instant: Date): Promise<void>
}

/** ana writes, luis approves and operates; `people` besides. */
export async function office(
  browser: Browser,
  start: Date,
  options: TestAppOptions & { people?: Record<string, Role[]> } = {},
): Promise<Office> {
  const app = await testApp({ clock: movableClock(start), ...options })
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  for (const [login, roles] of Object.entries(options.people ?? {}))
    await addTestUser(app, login, roles)
  for (const login of ['ana', 'luis', ...Object.keys(options.people ?? {})])
    await setPassword(app.db, app.luis, login, password, app.clock.now())
  await addTopic(app.db, { key: 'taller', name: 'Talleres de observación' }, app.clock.now())
  await startWorkers(app)
  await plan(app.engine)
  return {
    app,
    url,
    as: async (login) => {
      const context = await browser.newContext({
        locale: 'es-MX',
        viewport: { width: 1280, height: 900 },
      })
      onTestFinished(() => context.close())
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      await page.goto(`${url}/panel`)
      await signIn(page, login)
      return page
    },
    moveTo: async (instant) => {
      app.clock.moveTo(instant)
      await plan(app.engine)
    },
  }
}

export async function signIn(page: Page, login: string): Promise<void> {
  await page.getByLabel('Clave').fill(login)
  await page.getByLabel('Contraseña').fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
  await page.getByRole('navigation', { name: 'Panel' }).waitFor()
}

/** By the bar of the panel, after signing in again if the session ended. */
export async function visit(page: Page, login: string, section: string): Promise<void> {
  await page.getByRole('link', { name: section, exact: true }).first().click()
  if ((await page.locator('h1').innerText()) === 'Entrar al panel') await signIn(page, login)
  await page.waitForLoadState()
}

export const words = (page: Page): Promise<string> => page.locator('main').innerText()

/** The page where one is: its title, and no barrier in it. */
export async function at(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor({ timeout: 10_000 })
  expect.soft(await barriers(page), page.url()).toEqual([])
}

/** Reloads until it says so, as a person would. */
export async function until(page: Page, says: RegExp): Promise<void> {
  await eventually(
    async () => {
      await page.reload()
      return words(page)
    },
    (text) => says.test(text),
    30_000,
  )
}

const folder = process.env['MANUAL']

/** For the manual, when it is being drawn: what is on the screen from `from` on. */
export async function picture(
  page: Page,
  name: string,
  { from, width = 1280, height = 800 }: { from?: Locator; width?: number; height?: number } = {},
): Promise<void> {
  if (folder === undefined) return
  await page.setViewportSize({ width, height })
  // the browser has today's clock, and the story its own
  await page.evaluate(`
    document.querySelector('[data-session-left]')?.remove()
    for (const one of document.querySelectorAll('input[type=date]')) {
      // as a browser in Spanish writes it
      const text = one.value.replace(/(....)-(..)-(..)/, '$3/$2/$1') || 'dd/mm/aaaa'
      one.dataset.value = one.value
      one.type = 'text'
      one.value = text
    }
    document.activeElement?.blur()
    scrollTo(0, 0)`)
  const top = (await from?.boundingBox())?.y ?? 0
  await page.evaluate(`scrollTo(0, ${Math.max(0, top - 24)})`)
  await page.waitForTimeout(300)
  const shot = await page.screenshot()
  await page.evaluate(`for (const one of document.querySelectorAll('[data-value]')) {
    one.value = ''
    one.type = 'date'
    one.value = one.dataset.value
  }`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.webp`), await small(shot))
  await page.setViewportSize({ width: 1280, height: 900 })
}
