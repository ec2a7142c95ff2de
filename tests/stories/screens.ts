/** Every screen of the panel, as somebody with all the roles reaches them: by the links of the pages before. */
import type { BrowserContext, Page } from 'playwright-core'
import { panelRoutes } from '../../src/http/panel/panel.ts'

export interface Screen {
  /** Of the route: `/panel/ediciones/:id`. */
  route: string
  url: string
}

const patterns = panelRoutes
  .filter(({ method }) => method === 'GET')
  .map(({ path }) => ({ route: path, matches: new RegExp(`^${asPattern(path)}$`) }))

function asPattern(path: string): string {
  return path.replaceAll('.', '\\.').replaceAll(/:\w+(\{[^}]*\})?/g, '[^/]+')
}

export const routeOf = (url: string): string | undefined =>
  patterns.find(({ matches }) => matches.test(new URL(url).pathname))?.route

export const getRoutes = patterns.map(({ route }) => route)

/** As many of each route as `most`, each with another look; `from`: where to begin beside the agenda. */
export async function eachScreen(
  context: BrowserContext,
  start: string[],
  visit: (page: Page, screen: Screen) => Promise<void>,
  most = 3,
): Promise<Screen[]> {
  const waiting = [...start]
  const seen = new Set(waiting)
  const visited: Screen[] = []
  const page = await context.newPage()
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    const route = routeOf(url)
    if (route === undefined) continue
    const ofRoute = visited.filter((screen) => screen.route === route).length
    if (ofRoute >= most) continue
    const screen = { route, url }
    visited.push(screen)
    if (isFile(route)) continue
    await page.goto(url, { waitUntil: 'load' })
    await visit(page, screen)
    for (const next of await linksOf(page)) {
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(next)
    }
  }
  await page.close()
  return visited
}

/** What is downloaded, and what only a frame or a script asks for. */
export const isFile = (route: string): boolean =>
  /\.\w+$/.test(route) || /\/(avance|correo)$/.test(route)

const linksOf = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll('a[href], iframe[src], [data-live]')]
      .map((one) => new URL(one.getAttribute('href') ?? one.getAttribute('src') ?? one.dataset.live, location))
      .filter(({ origin }) => origin === location.origin)
      .map(({ href }) => href.replace(/#.*/, ''))`)
