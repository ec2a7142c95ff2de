import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openCorrection } from '../../src/flow/correct.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve } from '../../src/flow/approve.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { release } from '../../src/flow/release.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { linkTo, paths } from '../../src/links.ts'
import {
  openChromium,
  publicApp,
  releasedNews,
  sentNews,
  serve,
  wordsOf,
  type PublicApp,
} from './support.ts'

const slug = 'red-observacion-noticias'
const subject = 'Una guía para observar mejor y un registro que sigue abierto'

const at = (app: PublicApp, path: string) => linkTo(app.url, path)
const read = async (app: PublicApp, path: string) => {
  const answer = await fetch(at(app, path))
  return { status: answer.status, page: await answer.text(), headers: answer.headers }
}

/** Editions like this one, an hour apart from then on: copia-1 and so on. `html`, `subject`: SQL of theirs. */
async function copies(
  app: PublicApp,
  { id }: Edition,
  count: number,
  { html = sql`html`, subject = sql`copy.period || ' ' || subject` } = {},
): Promise<void> {
  await sql`
    WITH copy AS (
      INSERT INTO edition (publication, period, nominal_at, latest_start_at, state, content_id, content_author_id,
        sealed_hash, audience, released_at, first_accepted_at, created_at, ready_by, approved_by)
      SELECT publication, 'copia-' || n, nominal_at, latest_start_at, 'sent', content_id, content_author_id,
        sealed_hash, audience, released_at, first_accepted_at + n * interval '1 hour', created_at, ready_by, approved_by
      FROM edition, generate_series(1, ${count}::int) AS n WHERE id = ${id}
      RETURNING id, period, sealed_hash),
    letter AS (
      INSERT INTO rendering (edition_id, sealed_hash, subject, html, plain_text, created_at)
      SELECT copy.id, copy.sealed_hash, ${subject}, ${html}, plain_text, created_at
      FROM copy, rendering WHERE edition_id = ${id}
      RETURNING edition_id)
    INSERT INTO rendering_attachment (edition_id, sealed_hash, position, filename, content_type, content_id, sha256)
    SELECT letter.edition_id, sealed_hash, position, filename, content_type, content_id, sha256
    FROM letter, rendering_attachment AS file WHERE file.edition_id = ${id}`.execute(app.db)
}

test('an edition is read as it was sent, but addressed to nobody, with its images and without its attachments', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const { status, page, headers } = await read(app, paths.edition(edition))
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
  expect(page).toContain(subject)
  expect(page).toContain(`href="${app.url}/suscripciones"`)
  expect(page).not.toMatch(/lectora1|Persona 1|\/baja\/|cid:|[\ue000\ue001]/)
  const images = [...page.matchAll(/<img[^>]+src="([^"]+)"/g)].map(([, src]) => src!)
  expect(images).toHaveLength(1)
  const image = await read(app, images[0]!)
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'private, max-age=300',
    'x-frame-options': 'DENY',
    // HTML Standard, creating navigation params: a sandboxed document with any other is not shown
    'cross-origin-opener-policy': 'unsafe-none',
    'content-security-policy': `sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' ${app.url}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  })
})

test('a browser shows the edition with its images, and lets nothing in it run or call out', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const intruder =
    '<script>document.title = "run"</script><img src="https://example.org/pixel.gif"></body>'
  await copies(app, edition, 1, {
    html: sql`replace(html, '</body>', ${intruder})`,
    subject: sql`subject`,
  })
  const path = paths.edition({ ...edition, period: 'copia-1' })
  expect((await read(app, path)).page).toContain(intruder)
  // under another name than PUBLIC_URL
  const { url } = await serve(app.engine)
  const browser = await openChromium()
  try {
    const page = await browser.newPage()
    const outside: string[] = []
    await page.route(
      (asked) => !asked.href.startsWith(url),
      (route) => {
        outside.push(route.request().url())
        return route.fulfill({ body: '' })
      },
    )
    await page.goto(linkTo(url, path), { waitUntil: 'networkidle' })
    const loaded = await page.evaluate<number>(
      'document.querySelector(\'img[src^="/imagenes/"]\').naturalWidth',
    )
    expect(loaded).toBeGreaterThan(0)
    expect(await page.title()).toBe(subject)
    expect(outside).toEqual([])
  } finally {
    await browser.close()
  }
})

test('the archive shows what reached its readers, newest first, fifty a page', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  await copies(app, edition, 60)
  const home = wordsOf((await read(app, paths.archive)).page)
  expect(home).toContain('Noticias de la Red de Observación')
  expect(home).toContain('La más reciente: copia-60')
  expect(home).not.toContain('Boletín Electoral')
  const titles = async (path: string) =>
    [
      ...(await read(app, path)).page.matchAll(
        /<a href="\/archivo\/[^/]+\/((?:copia|2026)[^/"]+)">/g,
      ),
    ].map(([, period]) => period)
  const first = await titles(paths.publication(slug))
  expect([first.length, first[0], first.at(-1)]).toEqual([50, 'copia-60', 'copia-11'])
  const second = await titles(`${paths.publication(slug)}?pagina=2`)
  expect([second.length, second.at(-1)]).toEqual([11, edition.period])
  const pages = await Promise.all(
    ['', '?pagina=2'].map((query) => read(app, paths.publication(slug) + query)),
  )
  const [one, two] = pages.map(({ page }) => wordsOf(page))
  expect([one!.includes('Anteriores'), one!.includes('Más recientes')]).toEqual([true, false])
  expect([two!.includes('Anteriores'), two!.includes('Más recientes')]).toEqual([false, true])
  expect(one).toContain('martes 24 de noviembre de 2026')
})

test('an edition can be read from its release, and is in the archive once somebody has it', async () => {
  const app = await publicApp()
  const edition = await releasedNews(app)
  expect((await read(app, paths.edition(edition))).status).toBe(200)
  const empty = wordsOf((await read(app, paths.publication(slug))).page)
  expect(empty).toContain('Aún no se ha publicado ninguna')
  await sendBatch(app.engine, edition.id, 1)
  expect(wordsOf((await read(app, paths.publication(slug))).page)).toContain(subject)
})

test.each(['ready', 'approved', 'held'] as const)(
  'an edition that is %s is nobody’s business, nor is one of an internal publication',
  async (state) => {
    const app = await publicApp()
    const edition = await sentNews(app)
    await app.db.updateTable('edition').set({ state }).where('id', '=', edition.id).execute()
    expect((await read(app, paths.edition(edition))).status).toBe(404)
    expect((await read(app, paths.publication(slug))).page).not.toContain(edition.period)
    expect((await read(app, paths.feed(slug))).page).not.toContain(edition.period)
    await app.db
      .updateTable('edition')
      .set({ state: 'sent', publication: 'boletin-electoral' })
      .where('id', '=', edition.id)
      .execute()
    const internal = { ...edition, publication: 'boletin-electoral' }
    for (const path of [
      paths.edition(internal),
      paths.publication(internal.publication),
      paths.feed(internal.publication),
    ])
      expect((await read(app, path)).status, path).toBe(404)
  },
)

test('a correction has its own address beside the edition that it corrects', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const { id } = await openCorrection(
    app.engine,
    app.ana,
    edition.id,
    new Date(edition.nominalAt.getTime() + 3_600_000),
  )
  const sample = sampleFor(slug, edition.nominalAt)
  const text = sample.text.replace(/^titular: .*$/m, 'titular: Fe de erratas')
  await addContent(app.engine, app.ana, { ...sample, text }, edition.period)
  const ready = await markReady(app.engine, app.ana, id, { confirmRepeat: true })
  await approve(app.engine, app.luis, id)
  app.clock.moveTo(ready.edition.nominalAt)
  await release(app.engine, id)
  await sendBatch(app.engine, id, 1)
  const corrected = await read(app, `${paths.edition(edition)}/alcance-1`)
  expect(corrected.page).toContain('Fe de erratas')
  expect((await read(app, paths.edition(edition))).page).not.toContain('Fe de erratas')
  const listed = wordsOf((await read(app, paths.publication(slug))).page)
  expect(listed.indexOf('Alcance: Fe de erratas')).toBeLessThan(listed.indexOf(subject))
})

test('an address that leads nowhere is told so, whatever is in it', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const wrong = [
    '/archivo/nada',
    '/archivo/nada/rss.xml',
    `${paths.publication(slug)}/2020-W01`,
    `${paths.publication(slug)}/%00`,
    `${paths.publication(slug)}/..%2f..%2fetc`,
    `${paths.publication(slug)}/' OR 1=1`,
    `${paths.edition(edition)}/alcance-0`,
    `${paths.edition(edition)}/alcance-2`,
    `${paths.edition(edition)}/alcance-99999999999999999999`,
    `${paths.publication(slug)}?pagina=0`,
    `${paths.publication(slug)}?pagina=-1`,
    `${paths.publication(slug)}?pagina=9e9`,
  ]
  for (const path of wrong) expect((await read(app, path)).status, path).toBe(404)
})

test('the feed is RSS that programs read: titles, links and dates of the archive, under ids that stay', async () => {
  const app = await publicApp()
  const edition = await sentNews(app)
  const description =
    'Dos noticias que les interesan si van a observar un proceso electoral en la ciudad. Contenido de muestra.'
  const odd = 'Ñandú & <b>]]> dos ]]> 😀\u0001'
  await copies(app, edition, 1, { subject: sql`${odd}` })
  const { page: xml, headers } = await read(app, paths.feed(slug))
  expect(headers.get('content-type')).toBe('application/rss+xml; charset=utf-8')
  const browser = await openChromium()
  try {
    const page = await browser.newPage()
    const feed = await page.evaluate(`(() => {
      const doc = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml')
      const textOf = (name) => doc.querySelector(name)?.textContent
      const self = doc.getElementsByTagNameNS('http://www.w3.org/2005/Atom', 'link')[0]
      return {
        error: textOf('parsererror'),
        version: doc.documentElement.getAttribute('version'),
        channel: textOf('channel > title'),
        language: textOf('channel > language'),
        self: self?.getAttribute('rel') + ' ' + self?.getAttribute('href'),
        items: [...doc.querySelectorAll('item')].map((item) =>
          Object.fromEntries([...item.children].map((child) => [child.tagName, child.textContent]))),
        permaLink: doc.querySelector('guid')?.getAttribute('isPermaLink'),
      }
    })()`)
    expect(feed).toEqual({
      error: undefined,
      version: '2.0',
      channel: 'Noticias de la Red de Observación · IECM',
      language: 'es-MX',
      self: `self ${at(app, paths.feed(slug))}`,
      items: [
        {
          title: 'Ñandú & <b>]] > dos ]] > 😀 ',
          link: at(app, paths.edition({ ...edition, period: 'copia-1' })),
          guid: 'tag:iecm.mx,2026:/archivo/red-observacion-noticias/copia-1',
          pubDate: 'Tue, 24 Nov 2026 18:00:00 GMT',
          description,
        },
        {
          title: subject,
          link: at(app, paths.edition(edition)),
          guid: `tag:iecm.mx,2026:${paths.edition(edition)}`,
          pubDate: 'Tue, 24 Nov 2026 17:00:00 GMT',
          description,
        },
      ],
      permaLink: 'false',
    })
  } finally {
    await browser.close()
  }
  const again = await fetch(at(app, paths.feed(slug)), {
    headers: { 'If-None-Match': headers.get('etag')! },
  })
  expect(again.status).toBe(304)
})

test('the page of a publication tells programs where its feed is', async () => {
  const app = await publicApp()
  const { page } = await read(app, paths.publication(slug))
  expect(page).toMatch(
    /<link[^>]+rel="alternate"[^>]+type="application\/rss\+xml"[^>]+href="\/archivo\/red-observacion-noticias\/rss\.xml"/s,
  )
  expect((await read(app, paths.feed(slug))).status).toBe(200)
})
