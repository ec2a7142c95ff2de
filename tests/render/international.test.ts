import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { publications } from '../../jobs/index.ts'
import { checkContent } from '../../src/content/check.ts'
import { filesIn, prepareFiles } from '../../src/content/files.ts'
import { samplesFolder } from '../../src/content/sample.ts'
import type { EditionFacts } from '../../src/publication.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import * as international from '../../src/render/vocabulary/international.ts'
import { mailDomain, publicUrl } from './samples.ts'

const editions: Record<string, Omit<EditionFacts, 'revision'>> = {
  'pulso-internacional': {
    period: '2026-W48',
    nominalAt: new Date('2026-11-23T10:00:00-06:00'),
    issue: { year: 2026, number: 47 },
  },
  'nota-ejecutiva': {
    period: 'nota',
    nominalAt: new Date('2026-11-24T13:00:00-06:00'),
    issue: undefined,
  },
  'infografia-internacional': {
    period: 'infografia',
    nominalAt: new Date('2026-11-26T13:00:00-06:00'),
    issue: undefined,
  },
  'informe-quincenal': {
    period: '2026-11-1Q',
    nominalAt: new Date('2026-11-16T12:00:00-06:00'),
    issue: undefined,
  },
  'informe-trimestral': {
    period: '2026-Q4',
    nominalAt: new Date('2027-01-04T12:00:00-06:00'),
    issue: undefined,
  },
}
const slugs = Object.keys(editions)

const minimal: Record<string, object> = {
  'pulso-internacional': { entrada: undefined, proximasElecciones: [] },
  'nota-ejecutiva': { puntos: [], cifras: [], adjuntos: [] },
  'infografia-internacional': {},
  'informe-quincenal': {
    entrada: undefined,
    adjunto: undefined,
    cifras: [{ indicador: 'Sesiones', valor: 0 }],
  },
  'informe-trimestral': { entrada: 'Se remite el informe.' },
}

const nota = (region: string, titulo: string) => ({
  region,
  pais: `País de ${titulo}`,
  tema: 'Padrón',
  titulo,
  resumen: 'Resumen.',
  fuente: 'Muestra',
  url: 'https://example.org/nota',
  fechaNota: '2026-11-20',
})

const sesion = {
  id: 'cg-ext-muestra',
  organo: { clase: 'consejo-general', nombre: 'Consejo General', siglas: 'CG' },
  tipo: 'extraordinaria',
  fecha: '2026-11-23',
  hora: '09:00',
  modalidad: 'semipresencial',
  ordenDelDia: [{ numero: '1', asunto: 'Un punto convocado' }],
  enlaces: { transmision: 'https://example.org/transmision' },
  estado: 'celebrada',
  fuente: { nombre: 'Muestra', consultadaEl: '2026-11-23T16:00:00-06:00' },
}

test('notes are grouped by region in one order, whatever theirs, which they keep within it', () => {
  const notes = ['global', 'asia', 'america', 'oceania', 'asia', 'africa', 'europa'].map(
    (region, index) => ({ region, index }),
  )
  const groups = international.porRegion(notes)
  expect(groups.map(({ nombre }) => nombre)).toEqual([
    'América',
    'Europa',
    'África',
    'Asia',
    'Oceanía',
    'Global',
  ])
  expect(groups[3]).toEqual({
    region: 'asia',
    nombre: 'Asia',
    notas: [
      { region: 'asia', index: 1 },
      { region: 'asia', index: 4 },
    ],
  })
  expect(international.porRegion([])).toEqual([])
  expect(() => international.porRegion([{ region: 'antartida' }])).toThrow(/antartida/)
})

test('every code that their content may have has words, and others are refused', () => {
  const { porRegion, regionEnPalabras, sentidoEnPalabras, materiaEnPalabras } = international
  for (const region of codesOf('pulso-internacional', 'region')) {
    expect(regionEnPalabras(region)).not.toBe('')
    expect(porRegion([{ region }])).toHaveLength(1)
  }
  for (const materia of codesOf('nota-ejecutiva', 'materia'))
    expect(materiaEnPalabras(materia)).not.toBe('')
  expect(codesOf('nota-ejecutiva', 'sentido').map(sentidoEnPalabras)).toEqual([
    'Aprobado',
    'Aprobado en lo general',
    'Informe rendido',
    'Retirado',
    'Devuelto',
    '',
  ])
  for (const say of [regionEnPalabras, sentidoEnPalabras, materiaEnPalabras])
    expect(() => say('constructor')).toThrow(/constructor/)
})

test('points are counted by what became of them; those that were not for deciding only in the total', () => {
  const count = (...senses: string[]) =>
    international.cuentaDePuntos(senses.map((sentido) => ({ sentido })))
  expect(count('aprobado', 'no-aplica', 'retirado', 'aprobado', 'informe-rendido')).toBe(
    '5 puntos: 2 aprobados, 1 informe rendido y 1 retirado',
  )
  expect(count('no-aplica')).toBe('1 punto')
})

test('elections come in the order of their days, with the year when it is another', () => {
  const days = international.eleccionesPorDia(
    [
      { fecha: '2027-01-17', pais: 'A' },
      { fecha: '2026-12-06', pais: 'B' },
      { fecha: '2027-01-17', pais: 'C' },
    ],
    '2026-11-23',
  )
  expect(days.map(({ dia, mes, anio }) => [dia, mes, anio])).toEqual([
    ['6', 'diciembre', null],
    ['17', 'enero', '2027'],
  ])
  expect(days[1]!.elecciones.map(({ pais }) => pais)).toEqual(['A', 'C'])
})

test('three figures open a report only where its table is longer than them', () => {
  expect(international.cifrasDestacadas([1, 2, 3, 4])).toEqual([])
  expect(international.cifrasDestacadas([1, 2, 3, 4, 5])).toEqual([1, 2, 3])
})

test.each(slugs)('%s: small, tidy, and with headings one step at a time', async (slug) => {
  for (const changes of [{}, minimal[slug]]) {
    const { html, plainText, htmlBytes } = await rendered(slug, changes)
    expect(htmlBytes).toBeLessThan(60_000)
    const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries())
      expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
    expect(html + plainText).not.toMatch(/undefined|NaN|\[object|>null</)
    expect(plainText).not.toMatch(/null|&(#?\w+);|<\/?(p|a|li|td)\b|[ \t]$|\n{4}/m)
  }
})

test.each(slugs)('%s: a correction says that it replaces what came before', async (slug) => {
  const { html, plainText } = await rendered(slug, {}, 1)
  expect(html).toMatch(/ALCANCE 1<\/strong> Sustituye a/)
  expect(plainText).toMatch(/\*\*\* ALCANCE 1\. Sustituye a.* \*\*\*/)
})

test('the first note opens the Pulso, once, and the others follow by region', async () => {
  const { html, plainText, subject } = await rendered('pulso-internacional', {
    notas: [nota('asia', 'Uno'), nota('global', 'Dos'), nota('asia', 'Tres'), nota('america', '4')],
  })
  expect(subject).toBe('Pulso Internacional 47/2026 · Uno')
  expect(html).toMatch(/<h1 [^>]*>Uno<\/h1>/)
  expect(textsOf(html, 'h3').slice(0, 3)).toEqual(['4', 'Tres', 'Dos'])
  expect(textsOf(html, 'h2')).toEqual([
    'También en este número',
    'América',
    'Asia',
    'Global',
    'Próximas elecciones',
  ])
  for (const anchor of ['america', 'asia', 'global', 'elecciones'])
    expect(html).toMatch(new RegExp(`href="#${anchor}"[^]*<a name="${anchor}"`))
  expect(plainText).toMatch(
    /Uno\n===\nAsia · País de Uno · Padrón\n[^]*\nAmérica\n=+\n[^]*\nTres\n-+\n[^]*\nGlobal\n=+\n/,
  )
  expect(plainText.match(/País de Uno/g)).toHaveLength(1)
})

test('a Pulso of one note has neither contents nor sections', async () => {
  const { html, plainText } = await rendered('pulso-internacional', {
    ...minimal['pulso-internacional'],
    notas: [nota('oceania', 'Única')],
  })
  expect(textsOf(html, 'h2')).toEqual([])
  expect(plainText).not.toMatch(/También|Próximas/)
  expect(plainText).toContain('Oceanía · País de Única · Padrón')
})

test('elections say country and office by day, in both parts', async () => {
  const { html, plainText } = await rendered('pulso-internacional')
  expect(plainText).toContain(
    'domingo 6 de diciembre\n- País de ejemplo A: Presidencia y Congreso (muestra)\n  Habría segunda',
  )
  expect(plainText).toContain('domingo 17 de enero de 2027\n- País de ejemplo B: Parlamento')
  expect(textsOf(html, 'h3').slice(-2)).toEqual([
    'domingo6de diciembre',
    'domingo17de enerode 2027',
  ])
})

test('a note on an election has its figures as a table with row headers, and no session', async () => {
  const { html, plainText } = await rendered('nota-ejecutiva')
  expect(html).toMatch(
    /<table aria-label="En cifras"[^]*<th [^>]*scope="row"[^>]*>Personas inscritas en el padrón<br[^]*>12,345,678<\/td>/,
  )
  expect(plainText).toContain(
    '- Personas inscritas en el padrón: 12,345,678 (Autoridad electoral de ejemplo)\n',
  )
  expect(plainText).toContain('Elección en el exterior · domingo 6 de diciembre de 2026\n')
  expect(html + plainText).not.toMatch(/Orden del día|Modalidad/)
})

test('a note on a session says when, where to follow it and what became of each point', async () => {
  const { html, plainText } = await rendered('nota-ejecutiva', {
    materia: 'sesion-cg-ine',
    fecha: sesion.fecha,
    sesion,
    puntos: [
      { numero: '1.-', asunto: 'Orden', sentido: 'no-aplica' },
      {
        numero: '2',
        asunto: 'Formatos',
        sentido: 'aprobado',
        votacion: 'Por unanimidad',
        relevancia: 'Habrá formatos **nuevos**.',
      },
    ],
  })
  expect(textsOf(html, 'h3')).toEqual(['Orden', 'Formatos'])
  expect(html).toMatch(/sentido-aprobado"[^>]*>Aprobado<\/span> <span[^>]*>Por unanimidad</)
  expect(plainText).toContain('[Celebrada] 09:00 horas, hora de la Ciudad de México')
  expect(plainText).toContain('Transmisión: https://example.org/transmision\n')
  expect(plainText).toContain(
    '2 puntos: 1 aprobado\n\n1. Orden\n\n2. Formatos\n[Aprobado] Por unanimidad\n\nHabrá formatos nuevos.\n',
  )
  // what was called is not said again beside what was decided
  expect(html + plainText).not.toContain('Un punto convocado')
})

test('a note before its session tells the agenda, and that its hour is to be confirmed', async () => {
  const { html, plainText } = await rendered('nota-ejecutiva', {
    materia: 'sesion-cg-ine',
    fecha: sesion.fecha,
    sesion: { ...sesion, hora: null, estado: 'por-confirmar' },
  })
  expect(plainText).toContain('\nHora por confirmar\n')
  expect(plainText).toContain('Orden del día\n=============\n\n1. Un punto convocado\n')
  expect(html).toContain('>Un punto convocado</td>')
})

test('an infographic is there to be read: its text, in both parts, one link away', async () => {
  const { html, plainText } = await rendered('infografia-internacional')
  expect(html).toMatch(/<img [^>]*alt="Infografía «Cuatro maneras[^>]*width="544"/)
  expect(html).toMatch(/href="#texto-completo"[^]*<img [^]*<a name="texto-completo"/)
  for (const said of [html.replace(/<[^>]*>/g, ''), plainText])
    expect(said).toContain('Por correo: 14 países. La boleta va y vuelve en un sobre con guía.')
  expect(plainText).toContain('[Imagen: Infografía «Cuatro maneras de votar desde el exterior»')
})

test('every figure of a fortnight is in a table with row headers and in the text', async () => {
  const cifras = [1204, 97, 6.5, 0, 32].map((valor, index) => ({ indicador: `N${index}`, valor }))
  const { html, plainText, subject } = await rendered('informe-quincenal', { cifras })
  expect(subject).toBe('Informe estadístico, primera quincena de noviembre de 2026')
  const rows = [...html.matchAll(/<th [^>]*scope="row"[^>]*>(N\d)<\/th><td[^>]*>([\d.,]+)<\/td>/g)]
  expect(rows.map(([, name, value]) => `${name} ${value}`)).toEqual([
    'N0 1,204',
    'N1 97',
    'N2 6.5',
    'N3 0',
    'N4 32',
  ])
  expect(plainText).toContain('- N0: 1,204\n- N1: 97\n- N2: 6.5\n- N3: 0\n- N4: 32\n')
})

test.each(['informe-quincenal', 'informe-trimestral'])(
  '%s: its file travels with it, and both parts say its kind and weight',
  async (slug) => {
    const { html, plainText, attachments } = await rendered(slug)
    expect(attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      [`${slug}.pdf`, 'application/pdf'],
    ])
    expect(plainText).toMatch(/archivo adjunto:\n- .+ \(PDF, \d+ KB\)\n/)
    expect(html.replace(/<[^>]*>/g, '')).toMatch(/archivo adjunto\s+.+ · PDF, \d+ KB/)
  },
)

/** The sample with what a test wants different. */
async function rendered(slug: string, changes: object = {}, revision = 0): Promise<Rendering> {
  const publication = publications.find((one) => one.slug === slug)!
  const place = new URL(`${slug}.yaml`, samplesFolder)
  const checked = checkContent(readFileSync(place, 'utf8'), slug, publications)
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  const body = publication.content.parse({ ...checked.content.body, ...changes })
  const prepared = await prepareFiles(body, slug, filesIn(fileURLToPath(samplesFolder)))
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults))
  const result = await renderEdition(
    publication,
    prepared.body,
    { ...editions[slug]!, revision },
    { mailDomain, publicUrl, files: new Map(prepared.files.map((file) => [file.sha256, file])) },
  )
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.rendering
}

/** The codes that a field of a publication's content may have, wherever it is. */
function codesOf(slug: string, field: string): string[] {
  const publication = publications.find((one) => one.slug === slug)!
  const schema = JSON.stringify(z.toJSONSchema(publication.content, { unrepresentable: 'any' }))
  const [, codes] = new RegExp(`"${field}":\\{"type":"string","enum":(\\[[^\\]]*\\])`).exec(schema)!
  return JSON.parse(codes!) as string[]
}

/** Of the elements of that name, in order. */
function textsOf(html: string, tag: string): string[] {
  return [...html.matchAll(new RegExp(`<${tag}[ >][^]*?</${tag}>`, 'g'))].map(([element]) =>
    element.replace(/<[^>]*>|\n/g, ''),
  )
}
