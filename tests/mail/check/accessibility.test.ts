import axe, { type AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser, openMail, schemes, widthsPx } from '../../support/mail-browser.ts'
import { sampleMail, samples } from '../../support/sample-mails.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

test.each(samples.map((sample) => [sample.name, sample] as const))(
  'everybody can read %s: wide and narrow, by day and by night',
  async (_, sample) => {
    const { page, refused, show } = await openMail(browser, await sampleMail(sample))
    await page.evaluate(axe.source)
    for (const width of widthsPx) {
      for (const scheme of schemes) {
        await show(width, scheme)
        // strings: they run in the page, where these names are
        const { violations } = await page.evaluate<AxeResults>('axe.run(document)')
        expect.soft(barriers(violations), `axe, ${width} px, ${scheme}`).toEqual([])
      }
      const content = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect.soft(content, `scrolls sideways at ${width} px`).toBeLessThanOrEqual(width)
    }
    const loaded = await page.evaluate<boolean>(
      '[...document.images].every((image) => image.complete && image.naturalWidth > 0)',
    )
    expect.soft(loaded, 'every image is there').toBe(true)
    expect.soft(refused, 'asks for nothing but its images').toEqual([])
    await page.close()
  },
)

test.each(samples.map((sample) => [sample.name, sample] as const))(
  'every image of %s has a text, and every link leads to a site, a mailbox or a place in the mail',
  async (_, sample) => {
    const { page } = await openMail(browser, await sampleMail(sample))
    const silent = await page.evaluate<string[]>(
      "[...document.images].filter((image) => !image.hasAttribute('alt')).map((image) => image.src)",
    )
    expect(silent).toEqual([])
    const links = await page.evaluate<string[]>(
      "[...document.querySelectorAll('[href]')].map((link) => link.getAttribute('href'))",
    )
    expect(links.length).toBeGreaterThan(0)
    const places = await page.evaluate<string[]>(
      "[...document.querySelectorAll('[id], a[name]')].map((one) => '#' + (one.id || one.name))",
    )
    const astray = links.filter(
      (link) => !/^(https:\/\/[^/]+\.|mailto:[^@]+@)/.test(link) && !places.includes(link),
    )
    expect(astray).toEqual([])
    await page.close()
  },
)

/** All that axe found when any of it shuts somebody out; advice alone does not fail. */
function barriers(violations: AxeResults['violations']): string[] {
  const isGrave = violations.some(({ impact }) => impact === 'serious' || impact === 'critical')
  if (!isGrave) return []
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${impact}: ${id}: ${failureSummary}\n${html}`),
  )
}
