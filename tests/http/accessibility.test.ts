/** Whether everybody can use the public pages. `SCREENSHOTS=docs/pages` draws them, too. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { small } from '../../docs/previews/make.ts'
import { barriers } from './barriers.ts'
import { visitEachState } from './public-states.ts'
import { openChromium } from './support.ts'

const widthsPx = [320, 1_200]
const maxPageBytes = 100_000
const folder = process.env.SCREENSHOTS

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('everybody can read every public page: on a phone of 320 px and on a desk of 1,200, without a byte from elsewhere or a line cut', async () => {
  let count = 0
  await visitEachState(
    browser,
    { scripts: true },
    async ({ name, title, page, bytes, outside }) => {
      count++
      expect.soft(bytes, `${name}: bytes`).toBeGreaterThan(1_000)
      expect.soft(bytes, `${name}: bytes`).toBeLessThan(maxPageBytes)
      expect.soft(outside, `${name} asks elsewhere`).toEqual([])
      expect.soft(await page.locator('h1').allInnerTexts(), name).toEqual([title])
      for (const width of widthsPx) {
        await page.setViewportSize({ width, height: 800 })
        expect.soft(await barriers(page), `${name}, ${width} px`).toEqual([])
        const content = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect.soft(content, `${name} scrolls sideways at ${width} px`).toBeLessThanOrEqual(width)
        if (folder !== undefined) await draw(page, `${name}-${width}`)
      }
    },
  )
  expect(count).toBeGreaterThan(30)
}, 300_000)

test('without a script the keyboard reaches every control in order and shows where it is, and a form that came back leads to its faults', async () => {
  let controls = 0
  const faults: Record<string, string[]> = {}
  await visitEachState(browser, { scripts: false }, async ({ name, page }) => {
    await page.setViewportSize({ width: 320, height: 800 })
    const role = await page.evaluate<string | null>("document.activeElement.getAttribute('role')")
    const { reached, expected } = await tabThrough(page, name)
    expect.soft(reached, name).toEqual(expected)
    controls += expected.length
    if (role === 'alert') faults[name] = await fieldsOfSummary(page)
  })
  expect(controls).toBeGreaterThan(100)
  expect(faults).toEqual({
    'suscripciones-con-errores': ['listas', 'correo', 'consentimiento'],
    'suscripciones-sin-direccion': ['correo-propio'],
  })
}, 300_000)

/** Once around with the Tab key, from the first control on. */
async function tabThrough(
  page: Page,
  name: string,
): Promise<{ reached: string[]; expected: string[] }> {
  const expected = await page.evaluate<string[]>(
    `[...document.querySelectorAll('a[href], button, input, select')]
      .map((control, index) => (control.dataset.stop = String(index)))`,
  )
  const reached: string[] = []
  // it begins where the page put the focus, and passes by the browser's own controls
  for (let i = 0; i <= expected.length; i++) {
    await page.keyboard.press('Tab')
    const { stop, outlinePx } = await page.evaluate<{ stop?: string; outlinePx: number }>(`({
      stop: document.activeElement.dataset.stop,
      outlinePx: Number.parseFloat(getComputedStyle(document.activeElement).outlineWidth),
    })`)
    if (stop === undefined) continue
    reached.push(stop)
    expect.soft(outlinePx, `${name}: outline of ${stop}`).toBeGreaterThanOrEqual(3)
  }
  const first = reached.indexOf('0')
  return { reached: [...reached.slice(first), ...reached.slice(0, first)], expected }
}

/** Where the links of the summary of errors lead. */
async function fieldsOfSummary(page: Page): Promise<string[]> {
  const fields: string[] = []
  for (const link of await page.locator('[role=alert] a').all()) {
    await link.click()
    fields.push(await page.evaluate<string>("document.querySelector(':target').id"))
  }
  return fields
}

async function draw(page: Page, name: string): Promise<void> {
  await mkdir(folder!, { recursive: true })
  const picture = await page.screenshot({ fullPage: true })
  await writeFile(join(folder!, `${name}.webp`), await small(picture))
}
