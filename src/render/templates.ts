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
    const layouts = readLayouts(kind, folder).map(parse)
    const own = publications.map(({ slug }) => parse(readTemplate(kind, slug, folder)))
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
  const { sources, faults, fill } = compiledOf(kind, slug, folder)
  if (!fill) return { ok: false, faults }
  try {
    const text = fill(context, {
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

interface Compiled {
  sources: ParsedSource[]
  faults: Fault[]
  /** undefined: something is wrong with them. */
  fill: Handlebars.TemplateDelegate | undefined
}

const compiled = new Map<string, { texts: string; is: Compiled }>()

/** Compiled again only when a file of it changed: it takes longer than filling it. */
function compiledOf(kind: TemplateKind, slug: string, folder: URL): Compiled {
  const layouts = readLayouts(kind, folder)
  const template = readTemplate(kind, slug, folder)
  const key = JSON.stringify([kind, slug, folder.href])
  const texts = JSON.stringify([...layouts, template])
  const known = compiled.get(key)
  if (known?.texts === texts) return known.is
  const is = compile(kind, layouts.map(parse), parse(template))
  compiled.set(key, { texts, is })
  return is
}

function compile(kind: TemplateKind, layouts: Source[], template: Source): Compiled {
  const faults = setFaults(kind, [...layouts, template], layouts)
  const sources = [...layouts, template].filter((source) => 'program' in source)
  if (faults.length > 0) return { sources, faults, fill: undefined }
  const engine = isolatedEngine(kind)
  const all = sources.map(({ program }) => engine.compile(program, compileOptions(kind)))
  layouts.forEach((layout, index) => engine.registerPartial(layout.name, all[index]!))
  return { sources, faults, fill: all.at(-1) }
}

type Source = ParsedSource | { name: string; fault: Fault }
/** Of a file, before it is parsed; or why there is none. */
type Text = { name: string; place: string; text: string } | { name: string; fault: Fault }

const parse = (file: Text): Source =>
  'fault' in file ? file : parseSource(file.name, file.place, file.text)

function readLayouts(kind: TemplateKind, folder: URL): Text[] {
  const layoutFolder = new URL('_layout/', folder)
  return filesOf(kind, layoutFolder).map((file) => ({
    name: file.slice(0, -suffixes[kind].length),
    place: `templates/_layout/${file}`,
    text: readFileSync(new URL(file, layoutFolder), 'utf8'),
  }))
}

function readTemplate(kind: TemplateKind, slug: string, folder: URL): Text {
  const file = `${slug}${suffixes[kind]}`
  const place = `templates/${file}`
  const url = new URL(file, folder)
  if (existsSync(url)) return { name: slug, place, text: readFileSync(url, 'utf8') }
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
