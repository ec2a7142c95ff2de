/** The render stage: content of an edition to the subject, HTML and plain text that are frozen, hashed and sent. */
import type { Fault } from '../errors.ts'
import { linkTo, paths } from '../links.ts'
import type { Attachment } from '../mail.ts'
import type { EditionFacts, Publication } from '../publication.ts'
import { templateContext } from './context.ts'
import { attachmentsOf, withImageSources, type FileBytes, type ImagePlaces } from './files.ts'
import { calendarFile } from './ics.ts'
import { compileMjml } from './mjml-compile.ts'
import { fillTemplate, templatesFolder } from './templates.ts'

/** Recipient slots are still open: see compileSlots. */
export interface Rendering {
  subject: string
  html: string
  plainText: string
  htmlBytes: number
  /** The events of the content as `.ics`, its files, and images that travel inside. */
  attachments: Attachment[]
  /** For staff, in Spanish. */
  warnings: string[]
}
export type RenderResult = { ok: true; rendering: Rendering } | { ok: false; faults: Fault[] }

// Gmail cuts a message off at 102 KB of HTML, unsubscribe line and all
const warnHtmlBytes = 80_000
const maxHtmlBytes = 100_000
// well below what relays take
const maxMessageBytes = 5_000_000
/** Four characters for three bytes, and a line end every 76. */
const base64Growth = (4 / 3) * (78 / 76)
const longSubjectLength = 120

/**
 * A pure function of its arguments and the templates: the same edition gives the same bytes, which are hashed.
 * `mailDomain`: of the UIDs of its events and the Content-IDs of its images. `onlineUrl`: where a public edition can be
 * read. `offersLeaving`: it tells its readers how to leave. `lists`: their names. Throws when `files` lacks one that the content names.
 */
export async function renderEdition(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
  {
    folder = templatesFolder,
    files = new Map(),
    onlineUrl,
    offersLeaving = false,
    lists = [publication.readers],
    ...places
  }: ImagePlaces & {
    folder?: URL
    files?: FileBytes
    onlineUrl?: string
    offersLeaving?: boolean
    lists?: string[]
  },
): Promise<RenderResult> {
  const correction = edition.revision > 0 ? 'Alcance: ' : ''
  const subject = oneLine(correction + publication.subject(body, edition))
  const calendar = calendarFile(publication, body, edition, places.mailDomain)
  const attachments = [
    ...(calendar === undefined ? [] : [calendar]),
    ...attachmentsOf(body, files, places),
  ]
  const context = templateContext(publication, withImageSources(body, places), edition, {
    subject,
    onlineUrl: onlineUrl ?? null,
    privacyUrl: linkTo(places.publicUrl, paths.privacy),
    offersLeaving,
    lists: listFormat.format(lists.map((name) => `«${name}»`)),
    calendarFile: calendar?.filename ?? null,
  })
  const mjml = fillTemplate('html', publication.slug, context, folder)
  const text = fillTemplate('text', publication.slug, context, folder)
  if (!mjml.ok || !text.ok) {
    return { ok: false, faults: [mjml, text].flatMap((filled) => (filled.ok ? [] : filled.faults)) }
  }
  const compiled = await compile(publication.slug, mjml.text)
  if (!compiled.ok) return compiled
  const { html } = compiled
  const htmlBytes = Buffer.byteLength(html)
  if (htmlBytes > maxHtmlBytes) return { ok: false, faults: [tooLarge(htmlBytes)] }
  const messageBytes = attachments.reduce(
    (sum, { content }) => sum + Buffer.byteLength(content) * base64Growth,
    htmlBytes,
  )
  if (messageBytes > maxMessageBytes) return { ok: false, faults: [tooHeavy(messageBytes)] }
  return {
    ok: true,
    rendering: {
      subject,
      html,
      plainText: tidyText(text.text),
      htmlBytes,
      attachments,
      warnings: warningsOf(subject, html, htmlBytes),
    },
  }
}

async function compile(
  slug: string,
  mjml: string,
): Promise<{ ok: true; html: string } | { ok: false; faults: Fault[] }> {
  const place = `templates/${slug}.mjml`
  const remedy = 'Es un error de la plantilla, no del contenido: avise a quien la mantiene'
  const compiled = await compileMjml(mjml)
  if (!compiled.ok) {
    const lines = mjml.split('\n')
    return {
      ok: false,
      faults: compiled.errors.map(({ line, message }) => ({
        place,
        message: `MJML no la acepta: ${message}`,
        value: lines[line - 1]?.trim().slice(0, 80) ?? '',
        remedy,
      })),
    }
  }
  // a partial that is not included, or a lost attribute, is no error to MJML
  if (!compiled.html.includes('<html lang="es-MX"')) {
    return {
      ok: false,
      faults: [{ place, message: 'no dice su idioma', remedy: 'Ponga lang="es-MX" en <mjml>' }],
    }
  }
  return compiled
}

function tooLarge(htmlBytes: number): Fault {
  return {
    place: 'contenido',
    message: `el correo pesa ${kilobytes(htmlBytes)} y no debe pasar de ${kilobytes(maxHtmlBytes)}: Gmail mostraría sólo una parte`,
    remedy: 'Acorte los textos, quite elementos o repártalos en dos envíos',
  }
}

function tooHeavy(messageBytes: number): Fault {
  return {
    place: 'contenido',
    message: `el correo pesa ${kilobytes(messageBytes)} con sus archivos y no debe pasar de ${kilobytes(maxMessageBytes)}`,
    remedy: 'Quite o reduzca imágenes y adjuntos, o publíquelos en el sitio y ponga la liga',
  }
}

/** For staff, in Spanish: of the size, the subject and links that say nothing. */
export function warningsOf(subject: string, html: string, htmlBytes: number): string[] {
  const warnings: string[] = []
  if (htmlBytes > warnHtmlBytes) {
    warnings.push(
      `El correo pesa ${kilobytes(htmlBytes)}; con más de ${kilobytes(maxHtmlBytes)} no podrá enviarse. Conviene acortarlo.`,
    )
  }
  const { length } = subject
  if (length > longSubjectLength) {
    warnings.push(
      `El asunto tiene ${length} caracteres; los programas de correo muestran alrededor de 60 y pocos pasan de ${longSubjectLength}.`,
    )
  }
  const vague =
    />\s*((?:(?:haga|haz|da|dé) )?(?:clic )?(?:aquí|aqui|este enlace|esta liga))\s*<\/a>/i.exec(
      html,
    )
  if (vague) {
    warnings.push(
      `Una liga dice sólo «${vague[1]}»: quien oye el correo no sabe a dónde lleva. Diga qué es.`,
    )
  }
  return warnings
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`

const listFormat = new Intl.ListFormat('es-MX', { type: 'conjunction' })

/** A subject is a header: a line end in it would begin another. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Conditions and loops leave blank lines behind. */
function tidyText(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim()}\n`
}
