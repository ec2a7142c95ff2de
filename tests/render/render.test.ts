import { expect, test } from 'vitest'
import { sesionIne } from '../../src/content/sesion.ts'
import { renderEdition } from '../../src/render/render.ts'
import { asIs, compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'
import * as say from '../../src/render/vocabulary.ts'
import { edition, nota, rendered, sample } from './boletin.ts'

test('the same edition gives the same bytes', async () => {
  const first = await rendered()
  await new Promise((resolve) => setTimeout(resolve, 1100))
  expect(await rendered()).toEqual(first)
})

test('the boletín goes out small, in Spanish, and asks no other host for anything', async () => {
  const { html, htmlBytes, warnings } = await rendered()
  expect(html).toMatch(/^<!doctype html>\n<html lang="es-MX" dir="ltr"/)
  expect(html).toMatch(/<title>Boletín Electoral 48\/2026 · La semana/)
  expect(html).not.toMatch(/<img|<link|<script|<iframe|@import|url\(|@font-face|background="/i)
  expect(html.replaceAll('xmlns="http://www.w3.org/1999/xhtml"', '')).not.toContain('http://')
  expect(htmlBytes).toBe(Buffer.byteLength(html))
  expect(htmlBytes).toBeLessThan(40_000)
  expect(warnings).toEqual([])
})

test('headings go down one step at a time from the only h1, and tables are only for layout', async () => {
  const { html } = await rendered()
  const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map((match) => Number(match[1]))
  expect(levels[0]).toBe(1)
  expect(levels.filter((level) => level === 1)).toHaveLength(1)
  levels.reduce((before, level) => {
    expect(level).toBeLessThanOrEqual(before + 1)
    return level
  })
  for (const [table] of html.matchAll(/<table[^>]*>/g))
    expect(table).toContain('role="presentation"')
})

test('every link of «En este número» leads to a heading', async () => {
  const { html } = await rendered()
  const targets = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
  expect(targets).toEqual(['seccion-0', 'seccion-1', 'seccion-2', 'agenda'])
  for (const target of targets) expect(html).toMatch(new RegExp(`<h2 id="${target}"`))
})

test('links are underlined', async () => {
  const { html } = await rendered()
  const links = [...html.matchAll(/<a [^>]*href=[^>]*>/g)].map(([link]) => link)
  expect(links.length).toBeGreaterThan(5)
  for (const link of links) expect(link).toMatch(/text-decoration: ?underline/)
})

test('it reads in the dark', async () => {
  const { html } = await rendered()
  expect(html).toContain('<meta name="color-scheme" content="light dark">')
  expect(html).toContain('@media (prefers-color-scheme: dark)')
})

test('recipient slots stay open until a recipient fills them', async () => {
  const { html, plainText } = await rendered()
  const name = '<b>"Ana" & Co {{x}} $& 👩🏽‍💻 שרה'
  const values = slotValues({ name })
  expect(compileSlots(html, escapeHtml)(values)).toContain(
    '>Buen día, &lt;b&gt;&quot;Ana&quot; &amp; Co {{x}} $&amp; 👩🏽‍💻 שרה:</p>',
  )
  expect(compileSlots(plainText, asIs)(values)).toContain(`\nBuen día, ${name}:\n`)
  expect(compileSlots(html, escapeHtml)(slotValues({ name: '' }))).toContain('>Buen día:</p>')
})

test('staff text cannot add components, markup, template code or attributes', async () => {
  const hostile = '</mj-text><mj-text><b x="1">{{titular}} & {{{x}}} [[y]] \'"'
  const { html, plainText, subject } = await rendered({
    titular: hostile,
    entrada: `${hostile} ![x](https://a.mx/x.png) [x](javascript:alert(1))`,
    secciones: [
      {
        clave: 'opl',
        titulo: hostile,
        notas: [
          {
            ...nota(hostile, hostile),
            acuerdos: [{ titulo: hostile, votacion: 'no-consta' }],
            fuente: hostile,
            url: 'https://a.mx/"onclick="x"><script>',
          },
        ],
      },
    ],
    agenda: [],
  })
  expect(html).not.toMatch(/<mj-|<b x|<script|<img|onclick="|href="javascript/)
  expect(html).toContain('&lt;/mj-text&gt;&lt;mj-text&gt;&lt;b x')
  expect(html.match(/{{titular}}/g)?.length).toBeGreaterThanOrEqual(6)
  // titular, entrada, section twice, note, summary, agreement and source
  expect(plainText.split(hostile)).toHaveLength(9)
  expect(subject).toContain(hostile)
})

test('the text part says everything that a reader needs, without entities', async () => {
  const { body } = sample()
  const { plainText } = await rendered({ muestra: false, titular: 'Padrón & «lista» <nominal>' })
  const titles = body.secciones.flatMap(({ titulo, notas }) => [
    titulo,
    ...notas.flatMap((each) => [
      each.titulo,
      each.fuente,
      ...each.acuerdos.map((acuerdo) => acuerdo.titulo),
    ]),
  ])
  for (const title of [
    'Padrón & «lista» <nominal>',
    ...titles,
    ...body.agenda.map(({ organo }) => organo.nombre),
  ]) {
    expect(plainText).toContain(title)
  }
  expect(plainText).toContain('Núm. 48 · viernes 27 de noviembre de 2026')
  expect(plainText).toContain('Semana del 23 al 27 de noviembre de 2026')
  expect(plainText).toContain('https://example.org/consejo-general')
  expect(plainText).not.toMatch(/&(#?\w+);|<\/?(p|a|li)\b|\*\*|undefined|null|NaN/)
  expect(plainText).not.toMatch(/[ \t]$|\n{4}|\r/m)
})

test('sample content carries its strip, and nothing else does', async () => {
  const [muestra, real] = [await rendered({ muestra: true }), await rendered({ muestra: false })]
  expect(muestra.html).toContain('CONTENIDO DE MUESTRA')
  expect(muestra.plainText).toContain('CONTENIDO DE MUESTRA')
  expect(real.html).not.toContain('CONTENIDO DE MUESTRA')
  expect(real.plainText).not.toContain('CONTENIDO DE MUESTRA')
})

test('a mail of more than 80 KB warns, and one of more than 100 KB is refused, with what to do', async () => {
  const { publication, body } = sample()
  const withNotes = (count: number) => ({
    ...body,
    secciones: [
      { clave: 'opl', titulo: 'OPL', notas: Array(count).fill(nota('Nota', 'ñ'.repeat(500))) },
    ],
  })
  const large = await renderEdition(publication, withNotes(44), edition)
  expect(large.ok && large.rendering.htmlBytes).toBeGreaterThan(80_000)
  expect(large.ok && large.rendering.warnings).toEqual([
    expect.stringMatching(/^El correo pesa 8\d KB/),
  ])
  const tooLarge = await renderEdition(publication, withNotes(60), edition)
  expect(tooLarge.ok ? [] : tooLarge.faults).toEqual([
    {
      place: 'contenido',
      message: expect.stringMatching(/el correo pesa 1\d\d KB y no debe pasar de 100 KB/),
      remedy: 'Acorte los textos, quite notas o repártalas en dos envíos',
    },
  ])
})

test('a subject is one line, whole, with a warning when it is long', async () => {
  const { publication, body } = sample()
  const result = await renderEdition(
    { ...publication, subject: () => ` Asunto\r\nBcc: x\u2028${'y'.repeat(130)} ` },
    body,
    edition,
  )
  expect(result.ok && result.rendering.subject).toBe(`Asunto Bcc: x ${'y'.repeat(130)}`)
  expect(result.ok && result.rendering.warnings).toEqual([
    expect.stringContaining('El asunto tiene 144 caracteres'),
  ])
})

test('the preheader is plain text, cut after a word', async () => {
  const entrada = `**Uno** [dos](https://a.mx) <tres> ${'palabra '.repeat(40)}`
  const { html } = await rendered({ entrada })
  const preheader = /<div style="display:none[^>]*>([^<]*)<\/div>/.exec(html)?.[1]
  expect(preheader).toMatch(/^Uno dos &lt;tres&gt; palabra .*palabra…$/)
  expect(preheader!.length).toBeLessThan(120)
})

test('a correction says which one it is, and an edition without a number has none', async () => {
  const { publication, body } = sample()
  const result = await renderEdition(publication, body, {
    ...edition,
    revision: 2,
    issue: undefined,
  })
  expect(result.ok && result.rendering.plainText).toContain(
    '\nAlcance 2 · viernes 27 de noviembre de 2026\n',
  )
  expect(result.ok && result.rendering.html).not.toContain('Núm.')
})

test('every code that a session may have has words', () => {
  const { tipo, modalidad } = sesionIne.shape
  for (const code of tipo.options)
    expect(say.nombreDeSesion({ tipo: code })).toMatch(/^(Sesión|Reunión) /)
  for (const code of modalidad.options) expect(say.modalidadEnPalabras(code)).not.toBe('')
  const states = sesionIne.shape.estado
    .unwrap()
    .options.map((estado) => say.estadoDeSesion({ estado, hora: '10:00' }))
  expect(states).toEqual(['', 'Por confirmar', 'Reprogramada', 'Cancelada', 'Celebrada'])
  expect(say.estadoDeSesion({ estado: 'por-confirmar', hora: null })).toBe('')
  expect(() => say.modalidadEnPalabras('constructor')).toThrow(/constructor/)
})

test('dates and hours read as the institution writes them, in Mexico City', () => {
  expect(say.fechaLarga('2026-11-27')).toBe('viernes 27 de noviembre de 2026')
  expect(say.fechaLarga(new Date('2026-11-28T05:59:00Z'))).toBe('viernes 27 de noviembre de 2026')
  expect(say.fechaCorta('2027-01-01')).toBe('viernes 1 de enero')
  expect(say.horas('17:00')).toBe('17:00 horas')
  expect(say.horas(null)).toBe('Hora por confirmar')
  expect(say.periodo('2026-11-23', '2026-11-27')).toBe('del 23 al 27 de noviembre de 2026')
  expect(say.periodo('2026-11-30', '2026-12-04')).toBe(
    'del 30 de noviembre al 4 de diciembre de 2026',
  )
  expect(say.periodo('2026-12-28', '2027-01-01')).toBe(
    'del 28 de diciembre de 2026 al 1 de enero de 2027',
  )
  expect(say.periodo('2026-11-27', '2026-11-27')).toBe('27 de noviembre de 2026')
  expect(() => say.fechaLarga('27/11/2026')).toThrow(/esperaba una fecha/)
})

test('sessions are listed by day and hour, those without an hour last, and each source once', () => {
  const sessions = [
    session('2026-12-02', null),
    session('2026-12-02', '17:00', '2026-11-27T09:00:00-06:00'),
    session('2026-11-30', '10:00'),
    session('2026-12-02', '09:00'),
  ]
  expect(
    say
      .porDia(sessions)
      .map(({ diaDeLaSemana, dia, mes, sesiones }) => [
        diaDeLaSemana,
        dia,
        mes,
        ...sesiones.map(({ hora }) => hora),
      ]),
  ).toEqual([
    ['lunes', '30', 'noviembre', '10:00'],
    ['miércoles', '2', 'diciembre', '09:00', '17:00', null],
  ])
  expect(say.fuentesDe(sessions)).toEqual([
    { nombre: 'INE', url: null, consultadaEl: new Date('2026-11-27T09:00:00-06:00') },
  ])
})

const session = (
  fecha: string,
  hora: string | null,
  consultadaEl = '2026-11-26T18:00:00-06:00',
) => ({
  fecha,
  hora,
  fuente: { nombre: 'INE', consultadaEl },
})
