/** The render stage: content of an edition to the subject, HTML and plain text that are frozen, hashed and sent. */
import type { Fault } from '../errors.ts'
import type { Attachment } from '../mail.ts'
import type { EditionFacts, Publication } from '../publication.ts'
import { templateContext } from './context.ts'
import { calendarFile } from './ics.ts'
import { compileMjml } from './mjml-compile.ts'
import { fillTemplate, templatesFolder } from './templates.ts'

/** Recipient slots are still open: see compileSlots. */
export interface Rendering {
  subject: string
  html: string
  plainText: string
  htmlBytes: number
  /** The events of the content as `.ics`, when it has any. */
  attachments: Attachment[]
  /** For staff, in Spanish. */
  warnings: string[]
}
export type RenderResult = { ok: true; rendering: Rendering } | { ok: false; faults: Fault[] }

// Gmail cuts a message off at 102 KB of HTML, unsubscribe line and all
const warnHtmlBytes = 80_000
const maxHtmlBytes = 100_000
const longSubjectLength = 120

/**
 * A pure function of its arguments and the templates: the same edition gives the same bytes, which are hashed.
 * `mailDomain`: of the UIDs of its events.
 */
export async function renderEdition(
  publication: Publication,
  body: { muestra: boolean },
  edition: EditionFacts,
  { mailDomain, folder = templatesFolder }: { mailDomain: string; folder?: URL },
): Promise<RenderResult> {
  const subject = oneLine(publication.subject(body, edition))
  const calendar = calendarFile(publication, body, edition, mailDomain)
  const context = templateContext(publication, body, edition, {
    subject,
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
  return {
    ok: true,
    rendering: {
      subject,
      html,
      plainText: tidyText(text.text),
      htmlBytes,
      attachments: calendar === undefined ? [] : [calendar],
      warnings: warningsOf(subject, htmlBytes),
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

function warningsOf(subject: string, htmlBytes: number): string[] {
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
  return warnings
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`

/** A subject is a header: a line end in it would begin another. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Conditions and loops leave blank lines behind. */
function tidyText(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim()}\n`
}
