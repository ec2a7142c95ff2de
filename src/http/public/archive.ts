/** The public archive: each public publication, its editions, and each edition as it was sent, to nobody in particular. */
import { Hono } from 'hono'
import { html } from 'hono/html'
import {
  archivedEditions,
  readableRendering,
  type ArchivedEdition,
  type EditionName,
  type ReadableRendering,
} from '../../editions/public-archive.ts'
import { anybodysPage, type Engine } from '../../flow/engine.ts'
import { paths } from '../../links.ts'
import { cadenceText, type Publication } from '../../publication.ts'
import { preheaderOf } from '../../render/context.ts'
import { imagePath } from '../../render/files.ts'
import { compileSlots, escapeHtml, slotValues } from '../../render/slots.ts'
import { fechaLarga } from '../../render/vocabulary/dates.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { showPage } from '../page.ts'

const pageSize = 50

export function archivePages(engine: Engine): Hono<PageEnv> {
  const editionPath = paths.edition({ publication: ':slug', period: ':period', revision: 0 })
  const showEdition = async (c: PageContext) => {
    const name = editionNamed(c.req.param())
    const rendering =
      name &&
      publicPublication(engine, name.publication) &&
      (await readableRendering(engine.db, name))
    return rendering ? editionDocument(c, engine, rendering) : c.notFound()
  }
  return new Hono<PageEnv>()
    .get(paths.archive, async (c) => {
      const publications = engine.publications.filter(({ isPublic }) => isPublic)
      const latest = await Promise.all(
        publications.map(({ slug }) => archivedEditions(engine.db, slug, { limit: 1 })),
      )
      return archivePage(c, publications, latest)
    })
    .get(paths.publication(':slug'), async (c) => {
      const publication = publicPublication(engine, c.req.param('slug'))
      const pageNumber = Number(/^[1-9]\d{0,3}$/.exec(c.req.query('pagina') ?? '1')?.[0])
      if (!publication || !pageNumber) return c.notFound()
      const editions = await archivedEditions(engine.db, publication.slug, {
        limit: pageSize + 1,
        offset: (pageNumber - 1) * pageSize,
      })
      return publicationPage(c, publication, editions, pageNumber)
    })
    .get(editionPath, showEdition)
    .get(`${editionPath}/:correction`, showEdition)
}

/** undefined: no edition could be called so. */
function editionNamed({
  slug: publication = '',
  period = '',
  correction,
}: Record<string, string>): EditionName | undefined {
  const [, number = '0'] = /^alcance-([1-9]\d{0,3})$/.exec(correction ?? '') ?? []
  const revision = Number(number)
  // PostgreSQL has no text with a NUL
  const isNamed = /^[\w-]+$/.test(period) && (correction === undefined || revision > 0)
  return isNamed ? { publication, period, revision } : undefined
}

export function publicPublication(
  { publications }: Pick<Engine, 'publications'>,
  slug: string,
): Publication | undefined {
  return publications.find((one) => one.slug === slug && one.isPublic === true)
}

/** In a line, as it stood beside the subject; of content that jobs/ does not understand any more, what it is about. */
export function summaryOf(publication: Publication, { body }: ArchivedEdition): string {
  try {
    return preheaderOf(publication, body)
  } catch {
    return publication.description
  }
}

function archivePage(c: PageContext, publications: Publication[], latest: ArchivedEdition[][]) {
  return showPage(
    c,
    { title: 'Archivo de publicaciones' },
    html`<p class="lead">Lo que el Instituto ha enviado por correo, para leerlo aquí.</p>
      ${
        publications.length === 0
          ? html`<p>Todavía no hay publicaciones abiertas al público.</p>`
          : html`<ul class="entries">
              ${publications.map((publication, index) => {
                const [edition] = latest[index]!
                return html`<li>
                  <h2>
                    <a href="${c.var.link(paths.publication(publication.slug))}"
                      >${publication.name}</a
                    >
                  </h2>
                  <p>${publication.description}</p>
                  <p class="small muted">
                    ${
                      edition
                        ? html`La más reciente:
                            <a href="${c.var.link(paths.edition(edition))}">${edition.subject}</a>,
                            ${dayOf(edition)}`
                        : 'Aún no se ha publicado ninguna.'
                    }
                  </p>
                </li>`
              })}
            </ul>`
      }
      ${byMail(c)}`,
  )
}

/** `editions`: one more than a page has when there are earlier ones. */
function publicationPage(
  c: PageContext,
  publication: Publication,
  editions: ArchivedEdition[],
  pageNumber: number,
) {
  const { slug, name, description, cadence } = publication
  const feed = { title: name, path: paths.feed(slug) }
  const toPage = (number: number) => `${c.var.link(paths.publication(slug))}?pagina=${number}`
  const shown = editions.slice(0, pageSize)
  return showPage(
    c,
    { title: pageNumber === 1 ? name : `${name}, página ${pageNumber}`, feed },
    html`<p class="lead">${description}</p>
      <p class="inline small">
        ${cadence.kind !== 'on-request' && html`<span>Sale ${cadenceText(cadence)} horas.</span>`}
        <a href="${c.var.link(feed.path)}">Canal RSS</a>
        <a href="${c.var.link(paths.archive)}">Todas las publicaciones</a>
      </p>
      ${
        shown.length === 0
          ? html`<p>
              ${pageNumber === 1 ? 'Aún no se ha publicado ninguna.' : 'No hay publicaciones anteriores.'}
            </p>`
          : html`<ul class="entries">
              ${shown.map(
                (edition) =>
                  html`<li>
                    <h2>
                      <a href="${c.var.link(paths.edition(edition))}">${edition.subject}</a>
                    </h2>
                    <p class="small muted">${dayOf(edition)}</p>
                    <p>${summaryOf(publication, edition)}</p>
                  </li>`,
              )}
            </ul>`
      }
      ${
        (pageNumber > 1 || editions.length > pageSize) &&
        html`<nav class="pager" aria-label="Páginas del archivo">
          ${pageNumber > 1 && html`<a href="${toPage(pageNumber - 1)}">Más recientes</a>`}
          ${editions.length > pageSize && html`<a href="${toPage(pageNumber + 1)}">Anteriores</a>`}
        </nav>`
      }
      ${byMail(c)}`,
  )
}

const dayOf = ({ firstAcceptedAt }: ArchivedEdition) =>
  html`<time datetime="${firstAcceptedAt.toISOString()}">${fechaLarga(firstAcceptedAt)}</time>`

const byMail = (c: PageContext) =>
  html`<div class="box">
    <p>
      ¿Prefiere recibirlas por correo? Vaya a
      <a href="${c.var.link(paths.subscriptions)}">Suscripciones</a>.
    </p>
  </div>`

/** A document of its own: what staff wrote is shown and can do nothing (no script, no form, no origin). */
function editionDocument(c: PageContext, engine: Engine, { html, images }: ReadableRendering) {
  const reader = slotValues({ name: '', leaveUrl: anybodysPage(engine) })
  const served = images.reduce(
    (text, image) =>
      text.replaceAll(
        `cid:${image.contentId}`,
        c.var.link(imagePath({ ...image, formato: formatOf(image.contentType) })),
      ),
    html,
  )
  return c.body(compileSlots(served, escapeHtml)(reader), 200, {
    'Content-Type': 'text/html; charset=UTF-8',
    'Content-Security-Policy': [
      'sandbox allow-popups allow-popups-to-escape-sandbox',
      "default-src 'none'",
      `img-src 'self' ${new URL(engine.config.publicUrl).origin}`,
      "style-src 'unsafe-inline'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    // by the HTML Standard a sandboxed document with another opener policy is not shown
    'Cross-Origin-Opener-Policy': 'unsafe-none',
    'Cache-Control': 'private, max-age=300',
  })
}

const formatOf = (contentType: string) => (contentType === 'image/jpeg' ? 'jpg' : 'png')
