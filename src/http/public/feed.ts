/** The RSS 2.0 feed of each public publication. */
import { Feed } from 'feed'
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { archivedEditions, type ArchivedEdition } from '../../editions/public-archive.ts'
import type { Engine } from '../../flow/engine.ts'
import { linkTo, paths } from '../../links.ts'
import type { Publication } from '../../publication.ts'
import type { PageEnv } from '../env.ts'
import { publicPublication, summaryOf } from './archive.ts'

const newestCount = 50

export function feeds(engine: Engine): Hono<PageEnv> {
  return new Hono<PageEnv>().get(paths.feed(':slug'), etag(), async (c) => {
    const publication = publicPublication(engine, c.req.param('slug'))
    if (!publication) return c.notFound()
    const editions = await archivedEditions(engine.db, publication.slug, { limit: newestCount })
    return c.body(feedOf(engine, publication, editions), 200, {
      'Content-Type': 'application/rss+xml; charset=utf-8',
      'Cache-Control': 'public, max-age=300',
    })
  })
}

function feedOf(
  { config: { publicUrl, mailDomain }, clock }: Engine,
  publication: Publication,
  editions: ArchivedEdition[],
): string {
  const feed = new Feed({
    title: xmlText(`${publication.name} · IECM`),
    description: xmlText(publication.description),
    language: 'es-MX',
    link: linkTo(publicUrl, paths.publication(publication.slug)),
    feedLinks: { rss: linkTo(publicUrl, paths.feed(publication.slug)) },
    updated: editions[0]?.firstAcceptedAt ?? clock.now(),
    generator: 'Pregonero',
  })
  for (const edition of editions) {
    feed.addItem({
      title: xmlText(edition.subject),
      // RFC 4151: the same even if the address of this server changes
      guid: `tag:${mailDomain},2026:${paths.edition(edition)}`,
      link: linkTo(publicUrl, paths.edition(edition)),
      date: edition.firstAcceptedAt,
      description: xmlText(summaryOf(publication, edition)),
    })
  }
  return feed.rss2()
}

/** What XML 1.0 §2.2 can hold. feed ends a CDATA section at the second `]]>` of a text: none is left to it. */
const xmlText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')
    .replaceAll(']]>', ']] >')
