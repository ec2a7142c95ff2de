/** What an edition will say: in a frame as wide as a desk's or a hand's, as plain text and as code, with what to look at. */
import { html } from 'hono/html'
import { readContent } from '../../../content/content.ts'
import { weekdayFaults } from '../../../content/weekday-check.ts'
import { readRendering, type ArchivedRendering } from '../../../editions/archive.ts'
import type { Edition } from '../../../editions/editions.ts'
import { Problem } from '../../../errors.ts'
import { anybodysPage, titleOf, type Engine } from '../../../flow/engine.ts'
import { renderDraft } from '../../../flow/mark-ready.ts'
import type { Attachment } from '../../../mail.ts'
import type { User } from '../../../people/users.ts'
import { checkMail } from '../../../render/checks.ts'
import { withImagesInside } from '../../../render/files.ts'
import { fillSlots, slotValues } from '../../../render/slots.ts'
import type { Html, PageContext } from '../../env.ts'
import { facts } from '../../page.ts'
import { differences } from './difference.ts'
import { editionOf } from './find.ts'
import { problemBox } from './problem.ts'
import { showPanel } from '../page.ts'
import { panelPaths, type PanelRequest } from '../route.ts'

const tabs = {
  escritorio: 'Escritorio',
  movil: 'Móvil',
  texto: 'Texto simple',
  codigo: 'Código',
  diferencias: 'Diferencias',
} as const
type Tab = keyof typeof tabs

/** The mail as somebody reads it: what was sealed or, before that, what would be. */
export interface Mail extends ArchivedRendering {
  filled: { html: string; plainText: string }
}

export async function viewPage(request: PanelRequest): Promise<Response> {
  const { engine, user, c } = request
  const edition = await editionOf(request)
  const asked = c.req.query('como') ?? 'escritorio'
  const tab: Tab = Object.hasOwn(tabs, asked) ? (asked as Tab) : 'escritorio'
  const title = `Vista previa: ${titleOf(engine, edition)}`
  const back = html`<p>
    <a href="${c.var.link(panelPaths.edition(edition.id))}">Volver a la edición</a>
  </p>`
  const mail = await mailOf(engine, user, edition).catch(asProblem)
  if (mail instanceof Problem) {
    return showPanel(request, { title }, html`${problemBox(mail)} ${back}`)
  }
  // what travels inside the mail is seen in it
  const beside = mail.attachments.filter(({ contentId }) => contentId === undefined)
  return showPanel(
    request,
    { title },
    html`${back}
    ${facts({
      Asunto: mail.subject,
      Tamaño: `${sizeOf(mail.html)} de HTML; los programas de correo cortan después de 100 KB`,
      ...(beside.length > 0 && { Adjuntos: attachmentsText(beside) }),
    })}
    ${checksBox(await checksOf(engine, edition, mail))} ${tabLinks(request, edition, tab)}
    ${await panelOf(request, edition, { tab, mail })}`,
  )
}

function tabLinks({ c }: PanelRequest, { id, sealedHash }: Edition, tab: Tab): Html {
  const shown = (Object.keys(tabs) as Tab[]).filter(
    (name) => name !== 'diferencias' || sealedHash !== null,
  )
  const to = (name: Tab) => `${c.var.link(panelPaths.view(id))}?como=${name}#correo`
  return html`<nav aria-label="Formas de ver el correo" id="correo">
    <ul class="inline plain views">
      ${shown.map(
        (name) =>
          html`<li>
            <a href="${to(name)}" ${name === tab && html`aria-current="page"`}>${tabs[name]}</a>
          </li>`,
      )}
    </ul>
  </nav>`
}

async function panelOf(
  request: PanelRequest,
  edition: Edition,
  { tab, mail }: { tab: Tab; mail: Mail },
): Promise<Html> {
  switch (tab) {
    case 'texto':
      return html`<pre class="as-text" tabindex="0">${mail.filled.plainText}</pre>`
    case 'codigo':
      return html`<pre class="as-text as-code" tabindex="0">${mail.filled.html}</pre>`
    case 'diferencias':
      return differences(request, edition)
    default:
      return frame(request, edition, tab)
  }
}

export function frame({ c }: PanelRequest, { id }: Edition, width: 'escritorio' | 'movil'): Html {
  const name =
    width === 'movil' ? 'El correo en un teléfono, 360 px' : 'El correo en un escritorio, 640 px'
  return html`<div class="scrolling" role="region" aria-label="${name}" tabindex="0">
    <iframe
      class="mail ${width === 'movil' ? 'by-hand' : 'by-desk'}"
      sandbox=""
      title="${name}"
      src="${c.var.link(panelPaths.preview(id))}"
    ></iframe>
  </div>`
}

/** Everything to look at, in sentences. */
export async function checksOf(
  engine: Engine,
  edition: Edition,
  mail: Pick<Mail, 'subject' | 'html' | 'filled'>,
): Promise<string[]> {
  const { isSample } = await readContent(engine.db, edition)
  const written = { asunto: mail.subject, texto: mail.filled.plainText }
  const days = weekdayFaults(written, edition.nominalAt)
  return [
    ...(isSample ? ['Es contenido de muestra: sólo sale en demostraciones y pruebas.'] : []),
    ...checkMail({ subject: mail.subject, ...mail.filled }, engine.config),
    ...days.map(
      ({ place, value, message, remedy }) =>
        `En el ${place}, ${value ?? ''}: ${message}. ${remedy}.`,
    ),
  ]
}

export function checksBox(checks: string[]): Html {
  if (checks.length === 0) {
    return html`<div class="box done">
      <p>
        <span aria-hidden="true">✓</span> Comprobado: tamaño, asunto, textos alternativos, ligas,
        datos por llenar y días de la semana.
      </p>
    </div>`
  }
  return html`<div class="box wrong">
    <h2>Conviene revisar</h2>
    <ul class="plain">
      ${checks.map((text) => html`<li><span aria-hidden="true">▲</span> ${text}</li>`)}
    </ul>
  </div>`
}

export async function mailOf(engine: Engine, user: User, edition: Edition): Promise<Mail> {
  const { id, sealedHash } = edition
  const rendering =
    sealedHash === null
      ? await renderDraft(engine, edition)
      : await readRendering(engine.db, id, sealedHash)
  const values = slotValues({ name: user.name, leaveUrl: anybodysPage(engine) })
  return { ...rendering, filled: fillSlots(rendering, values) }
}

/** The document of the frame. What cannot be rendered says why, inside it. */
export async function previewDocument(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const edition = await editionOf(request)
  const mail = await mailOf(engine, user, edition).catch(asProblem)
  if (mail instanceof Problem) {
    const page = await html`<!doctype html>
      <html lang="es-MX">
        <head>
          <meta charset="utf-8" />
          <title>No se pudo mostrar</title>
        </head>
        <body>
          ${problemBox(mail)}
        </body>
      </html>`
    return sandboxed(c, engine, String(page))
  }
  return sandboxed(c, engine, withImagesInside(mail.filled.html, mail.attachments))
}

/** A document that can do nothing: no script, no form, nothing from elsewhere. For a frame of our own pages. */
export function sandboxed(c: PageContext, engine: Engine, document: string): Response {
  return c.body(document, 200, {
    'Content-Type': 'text/html; charset=UTF-8',
    'Content-Security-Policy': [
      'sandbox',
      "default-src 'none'",
      `img-src 'self' data: ${new URL(engine.config.publicUrl).origin}`,
      "style-src 'unsafe-inline'",
      "frame-ancestors 'self'",
    ].join('; '),
    'X-Frame-Options': 'SAMEORIGIN',
    'Cache-Control': 'no-store',
  })
}

/** What a person can mend is shown; what only we can is not caught. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

const sizeOf = (text: string): string => `${Math.ceil(Buffer.byteLength(text) / 1000)} KB`

const attachmentsText = (attachments: Attachment[]): string =>
  attachments
    .map(
      ({ filename, content }) => `${filename} (${Math.ceil(Buffer.byteLength(content) / 1000)} KB)`,
    )
    .join(', ')
