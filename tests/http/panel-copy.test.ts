/** «Copiar tabla para Word», in a browser: what is on the clipboard after it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addRow } from '../../src/flow/register.ts'
import { panel, password } from './panel-support.ts'
import { openChromium } from './support.ts'

const section = '/panel/informe/2026-Q4/apartados/IV.1'
const table = 'IV.1.a.iii'
const hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)> Reunión «virtual»'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

/** The section with two rows in its table, open in a browser that may or may not use the clipboard. */
async function open(permissions: string[], javaScriptEnabled = true): Promise<Page> {
  const here = await panel()
  const { app, url } = here
  await here.signIn('ana')
  app.engine.config.publicUrl = url
  for (const [text, day] of [
    [hostile, '2026-10-16'],
    ['Segunda\treunión.', '2026-10-20'],
  ] as const)
    await addRow(app.engine, app.reportDefinitions, app.ana, rowOf(text, day))
  const context = await browser.newContext({ permissions, javaScriptEnabled })
  const page = await context.newPage()
  await page.goto(`${url}/panel/entrar?a=${encodeURIComponent(section)}`)
  await page.getByLabel('Clave').fill('ana')
  await page.getByLabel('Contraseña').fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
  await page.goto(`${url}${section}`)
  return page
}

const rowOf = (text: string, day: string) => ({
  tableId: table,
  quarter: '2026-Q4',
  position: null,
  dates: [day],
  precision: 'day' as const,
  text,
  fields: {},
  mark: '',
  note: null,
  topic: null,
  publication: null,
  channel: null,
  evidence: null,
  printedDate: null,
  sourceKey: null,
})

const copyButton = (page: Page) =>
  page.getByRole('button', { name: `Copiar tabla para Word ${table}` })

// strings: they run in the page
const onClipboard = (page: Page, type: string): Promise<string> =>
  page.evaluate<string>(
    `navigator.clipboard.read().then(([item]) => item.getType('${type}')).then((blob) => blob.text())`,
  )

test('the table is copied as it is printed: with borders, without links or the column of what counts', async () => {
  const page = await open(['clipboard-read', 'clipboard-write'])
  await copyButton(page).click()
  await page.getByText('Copiada: péguela en Word.').waitFor()

  const html = await onClipboard(page, 'text/html')
  expect(html).toMatch(/<table[^>]* border="1"[^>]*>/)
  expect(html).not.toMatch(/<a\s|Qué cuenta|class=|<script|<img/)
  // Word reads it as the browser does: every cell is there, and has its border
  const pasted = await browser.newPage()
  await pasted.setContent(html)
  const cells = await pasted.evaluate<{ text: string; border: string }[]>(
    `[...document.querySelectorAll('tbody tr:first-child > *')].map((cell) => ({
      text: cell.textContent.trim(), border: getComputedStyle(cell).borderTopStyle }))`,
  )
  expect(cells.map(({ text }) => text)).toContain(hostile)
  expect(new Set(cells.map(({ border }) => border))).toEqual(new Set(['solid']))
  const headings = await pasted.locator('thead th').count()
  expect(headings).toBe(cells.length)

  const lines = (await onClipboard(page, 'text/plain')).split(/\r?\n/)
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(line.split('\t')).toHaveLength(headings)
  expect(lines[1]).toContain(hostile)
  expect(lines[2]).toContain('Segunda reunión.')

  // the page itself is as it was
  expect(await page.locator(`[id="tabla-${table}"] a`).count()).toBe(2)
  expect(await page.getByText('Qué cuenta').first().isVisible()).toBe(true)
}, 120_000)

test('where the browser does not allow it, it says what to do', async () => {
  const page = await open([])
  await page.evaluate(
    `navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`,
  )
  await copyButton(page).click()
  await page.getByText('selecciónela y cópiela con el teclado').waitFor()
}, 120_000)

test('without a script nothing is offered', async () => {
  const page = await open([], false)
  expect(await page.locator(`[id="tabla-${table}"]`).count()).toBe(1)
  expect(await copyButton(page).count()).toBe(0)
}, 120_000)
