/** What keeps somebody from using a page, as axe sees it. */
import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** All that axe finds, its advice too, as lines. What a frame shows is judged where mails are. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  // a string: it runs in the page, where these names are
  const { violations } = await page.evaluate<AxeResults>(
    "axe.run(document, { iframes: false, rules: { 'target-size': { enabled: true } } })",
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${failureSummary}\n${html}`),
  )
}
