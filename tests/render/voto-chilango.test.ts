import { expect, test } from 'vitest'
import { votoChilangoBoletin } from '../../jobs/voto-chilango-boletin.ts'
import { votoChilangoCorreo } from '../../jobs/voto-chilango-correo.ts'
import type { Evento } from '../../src/content/evento.ts'
import type { FrozenAttachment, FrozenImage } from '../../src/named-files.ts'
import type { Publication } from '../../src/publication.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import { imagesServed, sampleMail } from '../support/sample-mails.ts'
import { mailDomain } from './samples.ts'

const correo = await sampleMail(votoChilangoCorreo)
const boletin = await sampleMail(votoChilangoBoletin)
const { evento } = correo.body as unknown as { evento: Evento }
const { tramites } = boletin.body as unknown as {
  tramites: { titulo: string; pasos: string[]; url?: string }[]
}

interface Correo {
  forma: string
  asunto: string
  cuerpo: string
  evento: Evento | undefined
  boton: { texto: string; url: string } | undefined
  imagen: FrozenImage & { descripcionLarga?: string }
  adjuntos: FrozenAttachment[]
}

const imagen: FrozenImage = {
  archivo: 'infografia-credencializacion.png',
  alt: 'Cuatro pasos del trámite; el texto completo está debajo.',
  sha256: 'a'.repeat(64),
  formato: 'png',
  ancho: 1088,
  alto: 1761,
}

test('who lives in Madrid reads the hour of Madrid, and that it is already another day', async () => {
  const { html, plainText } = correo
  expect(plainText).toContain('miércoles 9 de diciembre de 2026\n')
  expect(plainText).toContain('18:00 a 19:00 horas, hora de la Ciudad de México\n')
  expect(plainText).toContain(
    [
      '- Los Ángeles: 16:00 a 17:00 horas',
      '- Chicago: 18:00 a 19:00 horas',
      '- Nueva York: 19:00 a 20:00 horas',
      '- Madrid: 01:00 a 02:00 horas (jueves 10 de diciembre)',
    ].join('\n'),
  )
  expect(html).toMatch(
    />Madrid<\/th><td[^>]*>01:00 a 02:00 horas<br><strong>jueves 10 de diciembre<\/strong>/,
  )
})

test.each([
  ['correo', correo, 'Entrar al conversatorio: https://example.org/conversatorio\n'],
  ['boletín', boletin, 'Acceso: https://example.org/conversatorio\n'],
])('the community is spoken to as «tú»: %s', (_, { html, plainText }, wayIn) => {
  for (const said of [html, plainText]) {
    expect(said).toContain('Hola, comunidad chilanga:')
    expect(said).toContain('tu calendario, en la hora del lugar donde estás.')
    expect(said).toContain(
      'Lo recibes porque tu dirección está en «Base de contactos de Voto Chilango»',
    )
    expect(said).not.toMatch(/\busted\b|\bsu (calendario|nombre|dirección)|consulte|responda/i)
  }
  expect(plainText).toContain(wayIn)
})

test('a mail says once what it is, apart from its title', async () => {
  const reminder = await renderCorreo({})
  expect(above(reminder.html)).toBe('Recordatorio · miércoles 9 de diciembre de 2026')
  const call = await renderCorreo({
    evento: undefined,
    forma: 'convocatoria',
    asunto: 'Convocatoria: ensayos de la diáspora',
  })
  expect(above(call.html)).toBe('Convocatoria')
  expect(call.html).toMatch(/<h1 [^>]*>Ensayos de la diáspora<\/h1>/)
  expect(call.plainText).toContain('\nConvocatoria\n\nEnsayos de la diáspora\n======')
  // what staff name otherwise stays as they wrote it
  const other = await renderCorreo({
    evento: undefined,
    forma: 'recordatorio',
    asunto: 'Última llamada: regístrate',
  })
  expect(other.html).toMatch(/<h1 [^>]*>Última llamada: regístrate<\/h1>/)
  const plain = await renderCorreo({ evento: undefined, forma: 'difusion' })
  expect(above(plain.html)).toBe(undefined)
})

test('an infographic shows its image and then says all of it, in both parts', async () => {
  const { html, plainText } = await renderCorreo({
    evento: undefined,
    forma: 'infografia',
    asunto: 'Infografía: tu credencial, en cuatro pasos',
    imagen: {
      ...imagen,
      descripcionLarga: '**Paso 1.** Reúne <todo>.\n\n**Paso 2.** Haz tu cita.',
    },
  })
  const picture = `<img src="${imagesServed}/imagenes/${imagen.sha256}.png" alt="${imagen.alt}" width="544"`
  expect(inOrder(html, ['<h1', picture, '>Texto completo</h2>', '<strong>Paso 2.</strong>'])).toBe(
    true,
  )
  expect(html).toContain('Reúne &lt;todo&gt;.')
  expect(plainText).toContain(
    `[Imagen: ${imagen.alt}]\n\nTexto completo\n--------------\n\nPaso 1. Reúne <todo>.\n\nPaso 2. Haz tu cita.\n`,
  )
})

test('an image without a text of its own is shown at its own width', async () => {
  const { html, plainText } = await renderCorreo({ imagen: { ...imagen, ancho: 400 } })
  expect(html).toContain('width="400"')
  expect(html + plainText).not.toContain('Texto completo')
})

test('files that travel with the mail are named, with their kind and size', async () => {
  const guide = { sha256: 'b'.repeat(64), contentType: 'application/pdf' }
  const { html, plainText } = await renderCorreo({
    adjuntos: [
      { ...guide, archivo: 'guia.pdf', titulo: 'Guía del trámite', bytes: 240_000 },
      { ...guide, archivo: 'sedes.xlsx', titulo: 'Sedes consulares', bytes: 1_450_000 },
    ],
  })
  expect(plainText).toContain(
    '2 archivos adjuntos:\n- Guía del trámite (PDF, 240 KB)\n- Sedes consulares (XLSX, 1.5 MB)\n',
  )
  expect(html).toMatch(/>2 archivos adjuntos<\/h2>/)
})

test('the boletín leads to each of its parts, and says how much is in them', () => {
  const { html, plainText } = boletin
  const targets = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
  expect(targets).toEqual(['noticias', 'tramites', 'agenda'])
  for (const target of targets) expect(html).toMatch(new RegExp(`<h2 id="${target}"`))
  expect(plainText).toContain(
    'En este número:\n- Noticias (2 notas)\n- Trámites paso a paso (1 trámite)\n- Agenda (1 actividad)\n',
  )
})

test('a boletín of news alone has no other parts, and no file', async () => {
  const { html, plainText, attachments } = await renderBoletin({ tramites: [], agenda: [] })
  expect(html).not.toMatch(/#tramites|#agenda/)
  expect(plainText).not.toMatch(/Trámites|Agenda|\.ics/)
  expect(attachments).toEqual([])
})

test('a procedure is numbered, step by step', () => {
  const { html, plainText } = boletin
  const [first] = tramites
  expect(plainText).toContain(
    first!.pasos.map((step, index) => `${index + 1}. ${step}`).join('\n') +
      `\n\nConsultar: ${first!.url}\n`,
  )
  const steps = [...html.matchAll(/<td class="tramite-cifra"[^>]*>(\d)<\/td><td[^>]*>([^<]*)</g)]
  expect(steps.map(([, number, step]) => [Number(number), step])).toEqual(
    first!.pasos.map((step, index) => [index + 1, step]),
  )
})

test('each event of the agenda has its title, its hours and its own ways in', async () => {
  const fair: Evento = {
    ...evento,
    titulo: 'Feria de organizaciones',
    modalidad: 'presencial',
    liga: undefined,
    sede: 'Plaza de las comunidades',
    cupo: 1,
    zonas: [],
  }
  const { html, plainText, attachments } = await renderBoletin({ agenda: [evento, fair] })
  expect(
    [...html.matchAll(/<h3 class="cita-titulo"[^>]*>([^<]*)</g)].map(([, title]) => title),
  ).toEqual([evento.titulo, fair.titulo])
  expect(plainText).toContain(
    'Modalidad: Presencial\nSede: Plaza de las comunidades\nCupo: 1 lugar\n',
  )
  expect(plainText).toContain('.ics pone esta agenda en tu calendario')
  expect(String(attachments[0]!.content).match(/BEGIN:VEVENT/g)).toHaveLength(2)
})

test('a cancelled event stays in the agenda, and says that the file takes it out of the calendar', async () => {
  const cancelled: Evento = { ...evento, cancelado: true }
  const { html, plainText } = await renderBoletin({
    agenda: [cancelled, { ...evento, titulo: 'Feria' }],
  })
  expect(html).toMatch(/<h3 class="cita-titulo"[^>]*><s [^>]*>Conversatorio[^<]*<\/s><\/h3>/)
  expect(html.match(/href="https:\/\/example\.org\/conversatorio"/g)).toHaveLength(1)
  expect(plainText).toContain(
    '[Cancelado] 18:00 a 19:00 horas, hora de la Ciudad de México\n\n' +
      'El archivo adjunto voto-chilango-boletin-2026-11.ics lo quita de tu calendario.\n',
  )
  expect(plainText).toContain('\n18:00 a 19:00 horas, hora de la Ciudad de México\n\nModalidad')
})

const corrected = { revision: 1 }
const mails: Record<string, () => Promise<Pick<Rendering, 'html' | 'plainText'>>> = {
  'el correo': () => renderCorreo({}),
  'su alcance': () => renderCorreo({}, corrected),
  'un correo con todo': () =>
    renderCorreo({ imagen: { ...imagen, descripcionLarga: 'Todo.' } }, corrected),
  'el boletín': () => renderBoletin({}),
  'su alcance mensual': () => renderBoletin({}, corrected),
}

test.each(Object.entries(mails))(
  'headings of %s go down one step at a time from the only h1',
  async (_, mail) => {
    const { html } = await mail()
    const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries())
      expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
  },
)

test.each(Object.entries(mails))('%s is small, and its text part plain', async (_, mail) => {
  const { html, plainText } = await mail()
  expect(Buffer.byteLength(html)).toBeLessThan(60_000)
  expect(plainText).not.toMatch(/&(#?\w+);|<\/?(p|a|li|td)\b|undefined|null|NaN/)
  expect(plainText).not.toMatch(/[ \t]$|\n{4}|\r/m)
})

test('a correction says that it replaces what they got', async () => {
  for (const { html, plainText } of [
    await renderCorreo({}, corrected),
    await renderBoletin({}, corrected),
  ]) {
    expect(html).toMatch(/ALCANCE 1<\/strong> Sustituye al (correo|boletín) que recibiste antes\./)
    expect(plainText).toMatch(/\*\*\* ALCANCE 1\. Sustituye al \S+ que recibiste antes\. \*\*\*/)
  }
})

test('text of staff cannot add components, markup or template code', async () => {
  const hostile = '</mj-text><mj-text><b x="1">{{asunto}} & {{{x}}} \'"'
  const letter = await renderCorreo({
    evento: undefined,
    forma: 'infografia',
    asunto: hostile,
    cuerpo: hostile,
    imagen: { ...imagen, alt: hostile, descripcionLarga: hostile },
    adjuntos: [1, 2].map((each) => ({
      archivo: `${each}.pdf`,
      titulo: hostile,
      sha256: 'b'.repeat(64),
      bytes: 1,
      contentType: 'application/pdf',
    })),
  })
  expect(letter.html).not.toMatch(/<mj-|<b x|<script|onclick="/)
  // title, body, image, its text and two files
  expect(letter.plainText.split(hostile)).toHaveLength(7)
  const issue = await renderBoletin({
    titular: hostile,
    notas: [{ titulo: hostile, resumen: hostile, acuerdos: [], fuente: hostile, imagen }],
    tramites: [{ titulo: hostile, pasos: [hostile] }],
    agenda: [{ ...evento, titulo: hostile, modalidad: 'hibrida', sede: hostile }],
  })
  expect(issue.html).not.toMatch(/<mj-|<b x|<script|onclick="/)
  // titular, title, summary and source of the note, title and step, title and place
  expect(issue.plainText.split(hostile)).toHaveLength(9)
})

function renderCorreo(changes: Partial<Correo>, edition = {}): Promise<Rendering> {
  return rendered(votoChilangoCorreo, correo, changes, edition)
}

function renderBoletin(changes: object, edition = {}): Promise<Rendering> {
  return rendered(votoChilangoBoletin, boletin, changes, edition)
}

async function rendered(
  publication: Publication,
  sample: typeof correo,
  changes: object,
  edition: { revision?: number },
): Promise<Rendering> {
  const body = { ...sample.body, ...changes }
  const files = new Map<string, { bytes: Buffer }>(sample.files)
  for (const digit of ['a', 'b']) files.set(digit.repeat(64), { bytes: Buffer.from('x') })
  const result = await renderEdition(
    publication,
    body,
    { ...sample.edition, ...edition },
    { mailDomain, publicUrl: imagesServed, files },
  )
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.rendering
}

/** The line over the title. */
const above = (html: string): string | undefined =>
  /<p class="antetitulo"[^>]*>([^<]*)<\/p>\s*<h1/.exec(html)?.[1]

const inOrder = (text: string, parts: string[]): boolean => {
  const places = parts.map((part) => text.indexOf(part))
  return !places.includes(-1) && places.every((place, index) => place >= (places[index - 1] ?? 0))
}
