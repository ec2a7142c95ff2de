/**
 * Our own templates: Handlebars first, then (for HTML) MJML. A publication has `templates/<slug>.mjml` and
 * `templates/<slug>.txt.hbs`; each kind has its own partials in `templates/_layout/`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import { messageOf, nearest, shown, type Fault } from '../errors.ts'
import type { Publication } from '../publication.ts'
import { parseSource, sourceFaults, placeOfLookup, type ParsedSource } from './template-source.ts'
import { vocabularies, type TemplateKind } from './vocabulary.ts'

export const templatesFolder = new URL('../../templates/', import.meta.url)

const suffixes: Record<TemplateKind, string> = { html: '.mjml', text: '.txt.hbs' }
const builtIns = ['if', 'unless', 'each', 'with'] as const

/** What must hold before any process starts: every template there, and naming only what exists. Renders nothing. */
export function templateFaults(publications: Publication[], folder = templatesFolder): Fault[] {
  return (['html', 'text'] as const).flatMap((kind) => {
    const layouts = readLayouts(kind, folder)
    const own = publications.map(({ slug }) => readTemplate(kind, slug, folder))
    return setFaults(kind, [...layouts, ...own], layouts)
  })
}

/** Fills a template. Every name that it uses must exist in the context: optional fields are there, as null. */
export function fillTemplate(
  kind: TemplateKind,
  slug: string,
  context: Record<string, unknown>,
  folder: URL,
): { ok: true; text: string } | { ok: false; faults: Fault[] } {
  const layouts = readLayouts(kind, folder)
  const template = readTemplate(kind, slug, folder)
  const faults = setFaults(kind, [...layouts, template], layouts)
  if (faults.length > 0) return { ok: false, faults }

  const sources = [...layouts, template].filter((source) => 'program' in source)
  const engine = isolatedEngine(kind)
  const compiled = sources.map(({ program }) => engine.compile(program, compileOptions(kind)))
  layouts.forEach((layout, index) => engine.registerPartial(layout.name, compiled[index]!))
  try {
    const text = compiled.at(-1)!(context, {
      allowProtoPropertiesByDefault: false,
      allowProtoMethodsByDefault: false,
    })
    return { ok: true, text }
  } catch (error) {
    const fault = fillFault(error, sources)
    if (fault === undefined) throw error
    return { ok: false, faults: [fault] }
  }
}

type Source = ParsedSource | { name: string; fault: Fault }

function readLayouts(kind: TemplateKind, folder: URL): Source[] {
  const layoutFolder = new URL('_layout/', folder)
  return filesOf(kind, layoutFolder).map((file) => {
    const name = file.slice(0, -suffixes[kind].length)
    return parseSource(
      name,
      `templates/_layout/${file}`,
      readFileSync(new URL(file, layoutFolder), 'utf8'),
    )
  })
}

function readTemplate(kind: TemplateKind, slug: string, folder: URL): Source {
  const file = `${slug}${suffixes[kind]}`
  const place = `templates/${file}`
  const url = new URL(file, folder)
  if (existsSync(url)) return parseSource(slug, place, readFileSync(url, 'utf8'))
  const guess = nearest(file, filesOf(kind, folder))
  const remedy = guess
    ? `Did you mean templates/${guess}?`
    : 'Create it; any other template is an example'
  return { name: slug, fault: { place, message: 'is missing', remedy } }
}

function filesOf(kind: TemplateKind, folder: URL): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith(suffixes[kind]))
    .toSorted()
}

function setFaults(kind: TemplateKind, sources: Source[], layouts: Source[]): Fault[] {
  const known = {
    functions: [...builtIns, ...Object.keys(vocabularies[kind])],
    partials: layouts.map(({ name }) => name),
  }
  return sources.flatMap((source) =>
    'fault' in source ? [source.fault] : sourceFaults(source, known),
  )
}

/** Our own instance: nothing that another module registers can be called from a template. */
function isolatedEngine(kind: TemplateKind): typeof Handlebars {
  const engine = Handlebars.create()
  for (const name of builtIns) {
    const original = engine.helpers[name]!
    engine.registerHelper(
      name,
      located(name, function (this: unknown, value: unknown, ...rest: unknown[]) {
        // Handlebars takes an unknown name for false or empty here, even when strict
        if (value === undefined) throw new Error('recibió un campo que el contenido no tiene')
        return Reflect.apply(original, this, [value, ...rest]) as unknown
      }),
    )
  }
  for (const [name, say] of Object.entries(vocabularies[kind])) {
    engine.registerHelper(
      name,
      // the last argument is of Handlebars
      located(name, (...values: unknown[]) => say(...(values.slice(0, -1) as never[]))),
    )
  }
  return engine
}

function compileOptions(kind: TemplateKind): CompileOptions {
  return {
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(
      Object.keys(vocabularies[kind]).map((name) => [name, true]),
    ) as KnownHelpers,
    noEscape: kind === 'text',
  }
}

/** What a function of the vocabulary threw, with where it was called. */
class CallError extends Error {
  readonly place: { source: string; line: number }

  constructor(name: string, loc: hbs.AST.SourceLocation, cause: unknown) {
    super(`${name} ${messageOf(cause)}`, { cause })
    this.place = { source: loc.source, line: loc.start.line }
  }
}

function located(name: string, call: (...values: unknown[]) => unknown): Handlebars.HelperDelegate {
  return function (this: unknown, ...values: unknown[]) {
    try {
      return call.apply(this, values)
    } catch (cause) {
      // an inner call, passing through a block
      if (isTemplateError(cause)) throw cause
      throw new CallError(name, (values.at(-1) as { loc: hbs.AST.SourceLocation }).loc, cause)
    }
  }
}

function isTemplateError(error: unknown): boolean {
  return error instanceof CallError || error instanceof Handlebars.Exception
}

/** A failure of the template as a fault; undefined when it is something else. */
function fillFault(error: unknown, sources: ParsedSource[]): Fault | undefined {
  const remedy = 'Es un error de la plantilla, no del contenido: avise a quien la mantiene'
  if (error instanceof CallError) {
    const source = sources.find(({ place }) => place === error.place.source)
    const line = source?.text.split('\n')[error.place.line - 1]?.trim()
    const fault = {
      place: `${error.place.source}:${error.place.line}`,
      message: error.message,
      remedy,
    }
    return line === undefined ? fault : { ...fault, value: shown(line) }
  }
  const missing = /^"(.+)" not defined in .* - (\d+):(\d+)$/s.exec(messageOf(error))
  // the field of a text or number, which has none
  const ofPlainValue = /^Cannot use 'in' operator to search for '(.+?)' in/.exec(messageOf(error))
  const name = missing?.[1] ?? ofPlainValue?.[1]
  if (name === undefined) return undefined
  const at = missing ? { line: Number(missing[2]), column: Number(missing[3]) } : undefined
  const place = placeOfLookup(sources, name, at) ?? 'templates'
  return { place, message: 'usa un campo que el contenido no tiene', value: name, remedy }
}
