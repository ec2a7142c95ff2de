/** What people paste, forget and mix up: kept when it is text, cleaned when it is rubbish, refused in words that help. */
import PostalMime, { type Email } from 'postal-mime'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { publications } from '../../jobs/index.ts'
import { checkContent, type ContentCheck } from '../../src/content/check.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { composeMessage } from '../../src/dispatch/message.ts'
import type { Fault } from '../../src/errors.ts'
import { asIs, compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'
import { renderEdition, type RenderResult } from '../../src/render/render.ts'
import { fridayAt15 } from '../support/app.ts'

interface Nota {
  titulo: string
  resumen: string
  fuente: string
  url?: string
  imagen?: { archivo: string; alt?: string }
  acuerdos?: { titulo: string }[]
}
interface Boletin {
  titular: string
  entrada: string
  secciones: { clave: string; titulo: string; notas: Nota[] }[]
}

/** The sample boletín with other fields, as its writer would hand it in. */
function boletin(changes: Partial<Boletin> = {}): ContentCheck {
  const sample = parse(sampleFor('boletin-electoral', fridayAt15).text) as Boletin
  return checkContent(JSON.stringify({ ...sample, ...changes }), 'boletin.yaml', publications)
}

const withNotas = (...notas: Partial<Nota>[]): ContentCheck =>
  boletin({
    secciones: [
      {
        clave: 'opl',
        titulo: 'Otros organismos',
        notas: notas.map((one) => ({ titulo: 'T', resumen: 'R', fuente: 'F', ...one })),
      },
    ],
  })

const faultsOf = (check: ContentCheck): Fault[] => (check.ok ? [] : check.faults)

function bodyOf(check: ContentCheck): Boletin {
  if (!check.ok) throw new Error(JSON.stringify(check.faults))
  return check.content.body as unknown as Boletin
}

async function render(check: ContentCheck): Promise<RenderResult> {
  if (!check.ok) throw new Error(JSON.stringify(check.faults))
  const edition = { period: '2026-W48', revision: 0, nominalAt: fridayAt15, issue: undefined }
  const places = { mailDomain: 'iecm.test', publicUrl: 'http://localhost' }
  return renderEdition(check.content.publication, check.content.body, edition, places)
}

/** The mail as a program of its reader takes it apart. */
async function received(check: ContentCheck): Promise<Email & { html: string; text: string }> {
  const result = await render(check)
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  const { subject, html, plainText, attachments } = result.rendering
  const values = slotValues({ name: 'Ana', leaveUrl: 'https://correo.iecm.test/baja/x' })
  const raw = await composeMessage({
    from: { name: 'IECM', address: 'admin@iecm.mx' },
    replyTo: undefined,
    to: { name: 'Ana', address: 'ana@iecm.mx' },
    subject,
    html: compileSlots(html, escapeHtml)(values),
    plainText: compileSlots(plainText, asIs)(values),
    attachments,
    messageId: '<1@iecm.mx>',
    date: fridayAt15,
    headers: {},
  })
  return { html: '', text: '', ...(await PostalMime.parse(raw)) } as Email & {
    html: string
    text: string
  }
}

test('a subject of 300 characters is refused with its length and the limit', () => {
  expect(faultsOf(boletin({ titular: 'Ñ'.repeat(300) }))).toEqual([
    {
      place: 'boletin.yaml titular',
      message: 'tiene 300 caracteres y el máximo es 140',
      value: expect.stringMatching(/^"Ñ+…$/),
      remedy: 'Acórtelo',
    },
  ])
  const { text } = sampleFor('invitacion-red-observacion', fridayAt15)
  const long = text.replace(/^asunto: .*$/m, `asunto: ${'a'.repeat(300)}`)
  expect(faultsOf(checkContent(long, 'invitacion.yaml', publications))).toMatchObject([
    { place: 'invitacion.yaml asunto', message: 'tiene 300 caracteres y el máximo es 120' },
  ])
})

const emojis = {
  'one emoji': '🗳️',
  'a profession joined by U+200D': '👩🏽‍💻',
  'a family': '👨‍👩‍👧‍👦',
  'a heart on fire, with two kinds of joint': '❤️‍🔥',
  'the flag of a country': '🇲🇽',
  'the flag of England, spelt in tags': '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'a rainbow flag': '🏳️‍🌈',
  'a keycap': '1️⃣',
}

test.each(Object.entries(emojis))(
  '%s arrives whole in the subject, the HTML and the text',
  async (_what, emoji) => {
    const mail = await received(boletin({ titular: `Vota ${emoji} hoy`, entrada: `Es ${emoji}.` }))
    expect(mail.subject).toContain(`Vota ${emoji} hoy`)
    expect(mail.html).toContain(`Es ${emoji}.`)
    expect(mail.text).toContain(`Es ${emoji}.`)
  },
)

test.each([
  ['Arabic', 'فاطمة الزهراء'],
  ['Hebrew', 'דוד בן־גוריון'],
  ['Persian, parted by U+200C', 'می‌خواهم'],
  ['Hindi, joined by U+200D', 'क्‍ष'],
  ['Arabic with a direction mark', 'C++\u200e العربية'],
])('a name in %s is kept as it was written, in a line that reads in order', async (_what, name) => {
  const mail = await received(boletin({ titular: `Observa ${name} en 2026` }))
  expect(mail.subject).toContain(`Observa ${name} en 2026`)
  expect(mail.html).toContain(`Observa ${name} en 2026`)
})

test.each([
  '\u202a',
  '\u202b',
  '\u202c',
  '\u202d',
  '\u202e',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
])('%j, which turns text around, is refused by name and with the words around it', (control) => {
  const code = `U+${control.codePointAt(0)!.toString(16).toUpperCase()}`
  const [fault, ...others] = faultsOf(boletin({ titular: `Resultados ${control}fdp.exe del INE` }))
  expect(others).toEqual([])
  expect(fault).toMatchObject({
    place: 'boletin.yaml titular',
    message: `contiene un carácter que cambia la dirección del texto, ${code}: «Resultados ⟨${code}⟩fdp.exe del INE»`,
    value: expect.stringContaining('Resultados'),
    remedy: 'Bórrelo y escriba de nuevo lo que está junto a él',
  })
  expect(faultsOf(withNotas({ url: `https://example.org/${control}fdp` }))).toMatchObject([
    { place: 'boletin.yaml secciones[0].notas[0].url', message: expect.stringContaining(code) },
  ])
})

test.each([
  ['zero-width spaces', 'Con\u200bsejo \u200bGeneral', 'Consejo General'],
  ['a byte order mark', '\ufeffConsejo General', 'Consejo General'],
  ['word joiners', 'Consejo\u2060 General', 'Consejo General'],
  ['soft hyphens of Word', 'Con\u00adse\u00adjo General', 'Consejo General'],
  ['direction marks of WhatsApp', '\u200eConsejo General\u200f', 'Consejo General'],
  ['joiners between letters that do not join', 'Con\u200dse\u200cjo General', 'Consejo General'],
  ['a joiner after an emoji that joins nothing', 'Consejo 🗳\u200d General', 'Consejo 🗳 General'],
  ['tags that spell hidden words', 'Consejo\u{e0069}\u{e0067} General', 'Consejo General'],
  ['invisible fillers', 'Consejo\u3164\u115f General', 'Consejo General'],
  ['variation selectors in a row', 'Consejo ❤\ufe0f\ufe0f\ufe01', 'Consejo ❤\ufe0f'],
])('%s are taken out without a word', (_what, pasted, clean) => {
  expect(bodyOf(boletin({ titular: pasted, entrada: pasted }))).toMatchObject({
    titular: clean,
    entrada: clean,
  })
})

test('text made of nothing that can be seen is empty, and a link is what is left of it', () => {
  expect(faultsOf(boletin({ titular: '\u200b \u2060\ufeff' }))).toMatchObject([
    { place: 'boletin.yaml titular', message: 'está vacío', remedy: 'Escriba el texto' },
  ])
  const [section] = bodyOf(withNotas({ url: '\u200bhttps://www.iecm.mx/\ufeff ' })).secciones
  expect(section!.notas[0]!.url).toBe('https://www.iecm.mx/')
})

test('what is taken out does not count: a text of the limit with soft hyphens fits', () => {
  const titular = 'Sesión\u00ad'.repeat(23)
  expect(titular.length).toBeGreaterThan(140)
  expect(faultsOf(boletin({ titular }))).toEqual([])
})

test.each([
  ['\u0007', 'U+0007', 'de control'],
  ['\u000b', 'U+000B', 'de control'],
  ['\u0085', 'U+0085', 'de control'],
  ['\ue000', 'U+E000', 'que no es texto'],
  ['\ufffc', 'U+FFFC', 'que no es texto'],
  ['\ufffd', 'U+FFFD', 'de un archivo que no está en UTF-8'],
  ['\ud83d', 'U+D83D', 'de un archivo que no está en UTF-8'],
])('%j is refused by name and with the words around it', (character, code, kind) => {
  const text = `${'palabra '.repeat(20)}Sesi${character}n ordinaria ${'palabra '.repeat(20)}`
  expect(faultsOf(boletin({ entrada: text }))).toMatchObject([
    {
      place: 'boletin.yaml entrada',
      message: `contiene un carácter ${kind}, ${code}: «palabra palabra Sesi⟨${code}⟩n ordinaria palabra »`,
    },
  ])
})

const pasted = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="https://example.org">clic</a>',
  '<b onclick="x()">Importante</b>',
  '</td></tr></table>',
  '<mj-raw><script>alert(2)</script></mj-raw>',
  '<mj-include path="/etc/passwd" />',
  '{{slot "nombre"}}',
  '{{{titular}}}',
  '{{> encabezado}}',
  '{% for x in y %}',
  '[[nombre]]',
  '&lt;script&gt; &amp; &nbsp;',
  '[aquí](javascript:alert(1))',
  '[aquí](data:text/html,hola)',
  '[aquí](http://example.org)',
  '[aquí](https://iecm.mx@example.org/)',
  '[aquí](//example.org)',
  '[aquí](file:///etc/passwd)',
  '![foto](https://example.org/pixel.png)',
  '<javascript:alert(1)>',
  '<!-- comentario -->',
  ']]>',
]

test.each(pasted)(
  '«%s» in a text is printed as it was typed, in HTML and in plain text',
  async (html) => {
    const mail = await received(
      withNotas({ titulo: `Uno ${html}`, resumen: `Antes ${html} después.` }),
    )
    const [before, after] = [mail, await received(withNotas({}))].map(({ html }) => tagsOf(html))
    expect(before).toEqual(after)
    expect(textOf(mail.html)).toContain(`Antes ${html} después.`)
    expect(textOf(mail.html)).toContain(`Uno ${html}`)
    expect(mail.text).toContain(`Antes ${html} después.`)
  },
)

/** Every tag but for how much of each text there is: a paste that made one, or an attribute of one, would show. */
const tagsOf = (html: string): string[] => [
  ...new Set(html.match(/<[a-z!/][^>]*>/gi)?.filter((tag) => !tag.startsWith('<title'))),
]

/** What a reader sees of HTML, near enough. */
const textOf = (html: string): string =>
  html
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[a-z!/][^>]*>/gi, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(?:39|x27);/g, "'")
    .replace(/&#x([0-9a-f]+);/gi, (_all, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&amp;/g, '&')

test('14 long articles are more than a mail may weigh: refused with the weight and what to do', async () => {
  const article: Nota = {
    titulo: 'T'.repeat(140),
    resumen: '**ñ** '.repeat(116).trim(),
    fuente: 'F'.repeat(80),
    acuerdos: Array.from({ length: 15 }, () => ({ titulo: 'Á'.repeat(300) })),
  }
  const sections = ['opl', 'tribunales'].map((clave) => ({
    clave,
    titulo: 'Sección',
    notas: Array.from({ length: 7 }, () => article),
  }))
  const result = await render(boletin({ secciones: sections }))
  expect(result).toMatchObject({
    ok: false,
    faults: [
      {
        place: 'contenido',
        message: expect.stringMatching(
          /^el correo pesa \d{3} KB y no debe pasar de 100 KB: Gmail mostraría sólo una parte$/,
        ),
        remedy: 'Acorte los textos, quite elementos o repártalos en dos envíos',
      },
    ],
  })
})

test('an image without alt is refused: who does not see it must be told what it says', () => {
  expect(faultsOf(withNotas({ imagen: { archivo: 'cartel.png' } }))).toEqual([
    {
      place: 'boletin.yaml secciones[0].notas[0].imagen.alt',
      message: 'falta',
      remedy: 'Agregue «alt: …»',
    },
  ])
  expect(faultsOf(withNotas({ imagen: { archivo: 'cartel.png', alt: ' ' } }))).toMatchObject([
    { message: 'está vacío', value: '" "' },
  ])
})

test.each([
  '../secreto.png',
  '/etc/passwd',
  'C:\\cartel.png',
  'cartel',
  'cartel\u0000.png',
  '.png',
])('the file name %j is refused: files lie beside the content', (archivo) => {
  expect(faultsOf(withNotas({ imagen: { archivo, alt: 'Cartel' } }))).toMatchObject([
    {
      place: 'boletin.yaml secciones[0].notas[0].imagen.archivo',
      message: expect.stringContaining('debe ser el nombre de un archivo que esté junto a éste'),
    },
  ])
})

test('a link with a space, and one that passes a site off as another, are refused', () => {
  expect(faultsOf(withNotas({ url: 'https://www.iecm.mx/un documento.pdf' }))).toEqual([
    {
      place: 'boletin.yaml secciones[0].notas[0].url',
      message: 'la liga contiene espacios',
      value: '"https://www.iecm.mx/un documento.pdf"',
      remedy: 'Cópiela otra vez, o escriba %20 en lugar de cada espacio',
    },
  ])
  expect(faultsOf(withNotas({ url: 'https://www.iecm.mx@example.org/' }))).toMatchObject([
    { message: 'la liga lleva un usuario antes de la arroba' },
  ])
})

test('a section without articles is refused, and said which', () => {
  const secciones = [
    { clave: 'opl', titulo: 'Otros', notas: [{ titulo: 'T', resumen: 'R', fuente: 'F' }] },
    { clave: 'agenda', titulo: 'Agenda', notas: [] },
  ]
  expect(faultsOf(boletin({ secciones }))).toEqual([
    {
      place: 'boletin.yaml secciones[1].notas',
      message: 'tiene 0 elementos y el mínimo es 1',
      remedy: 'Agregue elementos, o quite el grupo al que pertenece la lista',
    },
  ])
})

test('the fields of one publication under the name of another: every fault is told at once', () => {
  const { text } = sampleFor('calendario-ine', fridayAt15)
  const mixed = text.replace('tipo: calendario-ine', 'tipo: boletin-electoral')
  expect(faultsOf(checkContent(mixed, 'lunes.yaml', publications))).toEqual([
    ...['periodo', 'titular', 'entrada', 'secciones'].map((field) => ({
      place: `lunes.yaml ${field}`,
      message: 'falta',
      remedy: `Agregue «${field}: …»`,
    })),
    {
      place: 'lunes.yaml (raíz)',
      message: 'tiene campos que no se conocen: semana, aviso, sesiones',
      remedy: 'Quite o corrija: semana, aviso, sesiones',
    },
  ])
})

test.each([
  ['a number where text belongs', { titular: 2026 }, 'debe ser texto', 'Escríbalo entre comillas'],
  ['nothing after the colon', { titular: null }, 'está vacío', 'Escríbalo, o quite ese renglón'],
  ['text where a list belongs', { secciones: 'ninguna' }, 'debe ser una lista', 'con un guion'],
  [
    'a list where a group belongs',
    { periodo: ['lunes'] },
    'debe ser un grupo de campos',
    'sangría',
  ],
  ['«sí» where true belongs', { muestra: 'sí' }, 'debe ser true o false', 'Escriba true o false'],
  ['too many sections', { secciones: sections(9) }, 'tiene 9 elementos y el máximo es 8', 'Quite'],
])('%s is told in plain words', (_what, changes, message, remedy) => {
  const [fault, ...others] = faultsOf(boletin(changes as Partial<Boletin>))
  expect(others).toEqual([])
  expect(fault).toMatchObject({ message, remedy: expect.stringContaining(remedy) })
})

test('a misspelt option is answered with the nearest one and with all', () => {
  const secciones = [{ ...sections(1)[0]!, clave: 'tribunal' }]
  expect(faultsOf(boletin({ secciones }))).toMatchObject([
    {
      place: 'boletin.yaml secciones[0].clave',
      message: 'no es una de las opciones',
      value: '"tribunal"',
      remedy: expect.stringMatching(/^¿Quiso decir tribunales\? Use una de: sesiones-ine, /),
    },
  ])
})

function sections(count: number): Boletin['secciones'] {
  const nota = { titulo: 'T', resumen: 'R', fuente: 'F' }
  return Array.from({ length: count }, () => ({ clave: 'opl', titulo: 'Otros', notas: [nota] }))
}
