import { expect, test } from 'vitest'
import { redObservacion } from '../../jobs/red-observacion.ts'
import { redObservacionNoticias } from '../../jobs/red-observacion-noticias.ts'
import { redObservacionSesiones } from '../../jobs/red-observacion-sesiones.ts'
import type { SesionIne } from '../../src/content/sesion.ts'
import { renderEdition, type Rendering } from '../../src/render/render.ts'
import { slotToken } from '../../src/render/slots.ts'
import { imagesServed, leaveUrlFor, sampleMail, type SampleMail } from '../support/sample-mails.ts'
import { mailDomain } from './samples.ts'

const correo = await sampleMail(redObservacion)
const noticias = await sampleMail(redObservacionNoticias)
const sesiones = await sampleMail(redObservacionSesiones)
const samples = { correo, noticias, sesiones }
const { sesiones: sessions } = sesiones.body as unknown as { sesiones: SesionIne[] }

test.each(Object.entries(samples))(
  'the Red is greeted as one, and spoken to as «ustedes»: %s',
  (_, { rendering, html, plainText }) => {
    for (const said of [html, plainText]) {
      expect(said).toContain('Estimadas personas integrantes de la Red de Observación:')
      expect(said).not.toMatch(/\b(tu|tus|te|contigo)\b/i)
    }
    // only the link to leave differs from one mail to the next
    expect(rendering.html.replaceAll(slotToken('baja'), leaveUrlFor(imagesServed))).toBe(html)
  },
)

test('an infographic of the sample says all that its image shows', () => {
  const { html, plainText } = correo
  expect(html).toMatch(
    /<img src="https:\/\/[^"]+\/imagenes\/[0-9a-f]{64}\.png" alt="Infografía con/,
  )
  for (const said of [html.replace(/<[^>]*>/g, ''), plainText])
    for (const step of ['Elija el proceso.', 'Filtre.', 'Descargue.'])
      expect(said.slice(said.indexOf('Texto completo'))).toContain(step)
})

test('each piece of news has its title, image, text and source', async () => {
  const { html, plainText } = noticias
  const titles = [...html.matchAll(/<h3[^>]*>([^<]*)<\/h3>/g)].map(([, title]) => title)
  expect(titles).toEqual([
    'Está en línea la guía para personas observadoras',
    'Sigue abierto el registro para observar',
  ])
  expect(html.match(/<img /g)).toHaveLength(1)
  expect(plainText).toContain('[Imagen: Ilustración: una tabla con una lista')
  expect(plainText).toContain('Fuente: Muestra\nhttps://example.org/guia\n')
  const bare = await rendered(noticias, { entrada: undefined })
  expect(bare.plainText).not.toMatch(/undefined|null|Dos noticias que les interesan/)
})

test('agreements of a note keep the order of headings', async () => {
  const { html, plainText } = await rendered(noticias, {
    notas: [
      {
        titulo: 'Nota',
        resumen: 'Resumen.',
        fecha: '2026-11-23',
        acuerdos: [{ titulo: 'Acuerdo de muestra', votacion: 'unanimidad' }],
        fuente: 'Muestra',
      },
    ],
  })
  expect(levelsOf(html)).toEqual([1, 2, 3, 4])
  expect(plainText).toContain('1 acuerdo:\n- Acuerdo de muestra · Por unanimidad\n')
})

test('sessions are read by day, each with its transmission, and go to the calendar', () => {
  const { html, plainText, rendering } = sesiones
  const days = [...html.matchAll(/<h3 class="dia-fecha"[^>]*>(.*?)<\/h3>/gs)].map(([, day]) =>
    day!.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '),
  )
  expect(days).toEqual([
    'jueves 3 de diciembre',
    'jueves 10 de diciembre',
    'jueves 17 de diciembre',
  ])
  expect(html.match(/>Transmisión</g)).toHaveLength(sessions.length)
  expect(plainText).toContain('Hora por confirmar · Consejo General del IECM\n')
  expect(plainText).toContain('agrega estas sesiones a su calendario.')
  expect(rendering.attachments.map(({ filename }) => filename)).toEqual([
    'red-observacion-sesiones-2026-12.ics',
  ])
})

test('one session is one', async () => {
  const { plainText } = await rendered(sesiones, { sesiones: sessions.slice(0, 1) })
  expect(plainText).toContain('agrega esta sesión a su calendario.')
})

test.each(Object.entries(samples))(
  'headings of %s go down one step at a time from the only h1',
  (_, { html }) => {
    const levels = levelsOf(html)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [index, level] of levels.entries())
      expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
  },
)

test.each(Object.entries(samples))(
  '%s is small, and its text part plain',
  (_, { plainText, rendering }) => {
    expect(rendering.htmlBytes).toBeLessThan(60_000)
    expect(plainText).not.toMatch(/&(#?\w+);|<\/?(p|a|li|td)\b|undefined|null|NaN/)
    expect(plainText).not.toMatch(/[ \t]$|\n{4}|\r/m)
  },
)

test.each([
  ['correo', correo, 'al correo'],
  ['noticias', noticias, 'a las noticias'],
  ['sesiones', sesiones, 'a la invitación'],
])('a correction says what it replaces: %s', async (_, sample, what) => {
  const { html, plainText, subject } = await rendered(sample, {}, { revision: 1 })
  expect(subject).toMatch(/^Alcance: /)
  expect(html).toContain(`ALCANCE 1</strong> Sustituye ${what} que recibió antes.`)
  expect(plainText).toContain(`*** ALCANCE 1. Sustituye ${what} que recibió antes. ***`)
})

test('text of staff cannot add components, markup or template code', async () => {
  const hostile = '</mj-text><mj-text><b x="1">{{titular}} & {{{x}}} \'"'
  const note = { titulo: hostile, resumen: hostile, acuerdos: [], fuente: hostile }
  const news = await rendered(noticias, { titular: hostile, entrada: hostile, notas: [note] })
  expect(news.html).not.toMatch(/<mj-|<b x|<script|onclick="/)
  expect(news.plainText.split(hostile)).toHaveLength(6)
  const month = await rendered(sesiones, {
    saludo: hostile,
    entrada: hostile,
    sesiones: [{ ...sessions[0], lugar: hostile, organo: { clase: 'comite', nombre: hostile } }],
  })
  expect(month.html).not.toMatch(/<mj-|<b x|<script|onclick="/)
  expect(month.plainText.split(hostile)).toHaveLength(5)
})

async function rendered(sample: SampleMail, changes: object, edition = {}): Promise<Rendering> {
  const { publication, body, files } = sample
  const result = await renderEdition(
    publication,
    { ...body, ...changes },
    { ...sample.edition, ...edition },
    { mailDomain, publicUrl: imagesServed, files },
  )
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.rendering
}

const levelsOf = (html: string): number[] =>
  [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]))
