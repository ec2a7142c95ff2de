import { expect, test } from 'vitest'
import { asIs, compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'
import { edition, nota, rendered, sample } from './boletin.ts'
import { publicUrl, render } from './samples.ts'

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
  const own = [publicUrl, 'xmlns="http://www.w3.org/1999/xhtml"']
  expect(own.reduce((rest, one) => rest.replaceAll(one, ''), html)).not.toContain('http://')
  expect(htmlBytes).toBe(Buffer.byteLength(html))
  expect(htmlBytes).toBeLessThan(40_000)
  expect(warnings).toEqual([])
})

test('every link of «En este número» leads to a heading', async () => {
  const { html } = await rendered()
  const targets = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1])
  expect(targets).toEqual(['seccion-0', 'seccion-1', 'seccion-2', 'agenda'])
  for (const target of targets) expect(html).toMatch(new RegExp(`<h2 id="${target}"`))
})

test('it reads in the dark', async () => {
  const { html } = await rendered()
  expect(html).toContain('<meta name="color-scheme" content="light dark">')
  expect(html).toContain('@media (prefers-color-scheme: dark)')
})

test('recipient slots stay open until a recipient fills them', async () => {
  const { html, plainText } = await rendered()
  const name = '<b>"Ana" & Co {{x}} $& 👩🏽‍💻 שרה'
  const values = slotValues({ name, leaveUrl: 'https://correo.iecm.test/baja/x' })
  expect(compileSlots(html, escapeHtml)(values)).toContain(
    '>Buen día, &lt;b&gt;&quot;Ana&quot; &amp; Co {{x}} $&amp; 👩🏽‍💻 שרה:</p>',
  )
  expect(compileSlots(plainText, asIs)(values)).toContain(`\nBuen día, ${name}:\n`)
  expect(
    compileSlots(
      html,
      escapeHtml,
    )(slotValues({ name: '', leaveUrl: 'https://correo.iecm.test/baja/x' })),
  ).toContain('>Buen día:</p>')
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
  const large = await render(publication, withNotes(44), edition)
  expect(large.ok && large.rendering.htmlBytes).toBeGreaterThan(80_000)
  expect(large.ok && large.rendering.warnings).toEqual([
    expect.stringMatching(/^El correo pesa 8\d KB/),
  ])
  const tooLarge = await render(publication, withNotes(60), edition)
  expect(tooLarge.ok ? [] : tooLarge.faults).toEqual([
    {
      place: 'contenido',
      message: expect.stringMatching(/el correo pesa 1\d\d KB y no debe pasar de 100 KB/),
      remedy: 'Acorte los textos, quite elementos o repártalos en dos envíos',
    },
  ])
})

test('a subject is one line, whole, with a warning when it is long', async () => {
  const { publication, body } = sample()
  const result = await render(
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
  const result = await render(publication, body, {
    ...edition,
    revision: 2,
    issue: undefined,
  })
  expect(result.ok && result.rendering.plainText).toContain(
    '\nAlcance 2 · viernes 27 de noviembre de 2026\n',
  )
  expect(result.ok && result.rendering.html).not.toContain('Núm.')
})
