import { expect, test } from 'vitest'
import { calendarioIne } from '../../jobs/calendario-ine.ts'
import {
  calendario,
  correction,
  monday,
  render,
  renderCalendario,
  rendered,
  sesion,
  type Sesion,
} from './samples.ts'

const organo = (nombre: string, siglas?: string): Sesion['organo'] => ({
  clase: 'comite',
  nombre,
  ...(siglas !== undefined && { siglas }),
})

/** What a screen reader would say, one line per element. */
const readAloud = (html: string): string =>
  html
    .slice(html.indexOf('<body'))
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(?:p|h\d|li|td|div)[ >]/g, '\n$&')
    .replace(/<[^>]*>/g, '')
    .replace(/&nbsp;/g, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/\s*\n\s*/g, '\n')

test('sessions are read by day and hour, however they were registered', async () => {
  const { html, plainText } = await renderCalendario({
    sesiones: [
      sesion({ id: 'c', organo: organo('Tercera'), fecha: '2026-11-25', hora: '09:00' }),
      sesion({ id: 'e', organo: organo('Quinta'), fecha: '2026-11-25', hora: null }),
      sesion({ id: 'd', organo: organo('Cuarta'), fecha: '2026-11-25', hora: '17:00' }),
      sesion({ id: 'a', organo: organo('Primera'), fecha: '2026-11-23', hora: '12:00' }),
      sesion({ id: 'b', organo: organo('Segunda'), fecha: '2026-11-23', hora: '12:00' }),
      sesion({ id: 'f', organo: organo('Sexta'), fecha: '2026-11-28', hora: '10:00' }),
    ],
  })
  const order = [
    'lunes 23 de noviembre',
    '12:00 horas',
    'Primera',
    'Segunda',
    'miércoles 25 de noviembre',
    '09:00 horas',
    'Tercera',
    '17:00 horas',
    'Cuarta',
    'Hora por confirmar',
    'Quinta',
    'sábado 28 de noviembre',
    '10:00 horas',
    'Sexta',
  ]
  for (const said of [plainText, readAloud(html)]) {
    const details = said.slice(said.lastIndexOf('lunes 23 de noviembre\n'))
    const places = order.map((words) => details.indexOf(words))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  }
  expect(plainText).toContain('martes 24 de noviembre\n----------------------\nSin sesiones\n')
  expect(plainText).not.toContain('domingo 29')
  // two sessions of one hour share it
  expect(plainText.match(/12:00 horas/g)).toHaveLength(1)
})

test('the week at a glance has a line per session and says which days are free', async () => {
  const { html } = await renderCalendario({
    sesiones: [
      sesion({ organo: organo('Comité de Radio y Televisión', 'CRT'), hora: '10:00' }),
      sesion({ id: 'b', organo: organo('Comité de Transparencia'), hora: null }),
    ],
  })
  expect(readAloud(html)).toContain(
    [
      'lunes 23',
      'Sin sesiones',
      'martes 24',
      '10:00 CRT',
      'Por confirmar Comité de Transparencia',
      'miércoles 25',
      'Sin sesiones',
      'jueves 26',
      'Sin sesiones',
      'viernes 27',
      'Sin sesiones',
    ].join('\n'),
  )
})

test('a session says what it is, how and where it is held, its order of business and its links', async () => {
  const { html, plainText } = await renderCalendario({
    sesiones: [
      sesion({
        organo: organo('Comité de Radio y Televisión', 'CRT'),
        tipo: 'extraordinaria-urgente',
        ordinal: 'Segunda',
        modalidad: 'semipresencial',
        lugar: 'Sala de sesiones',
        ordenDelDia: [
          { numero: '1', asunto: 'Orden del día.' },
          { numero: '2.-', asunto: 'Asuntos generales.' },
        ],
        enlaces: {
          transmision: 'https://example.org/t',
          ordenDelDia: 'https://example.org/o',
          documentos: 'https://example.org/d',
        },
      }),
    ],
  })
  const words = [
    'Comité de Radio y Televisión (CRT)',
    'Segunda sesión extraordinaria urgente',
    'Semipresencial · Sala de sesiones',
    '1. Orden del día.',
    '2. Asuntos generales.',
  ]
  for (const said of [plainText, readAloud(html)])
    for (const word of words) expect(said).toContain(word)
  for (const link of ['t', 'o', 'd']) {
    expect(html).toContain(`href="https://example.org/${link}"`)
    expect(plainText).toContain(`: https://example.org/${link}\n`)
  }
})

/** The mail of one session in a state, and what it says beside it. */
const inState = async (estado: Sesion['estado'], hora: string | null = '10:00') => {
  const { html, plainText } = await renderCalendario({ sesiones: [sesion({ estado, hora })] })
  const badges = [...html.matchAll(/<span class="estado[^>]*>([^<]*)</g)].map(([, text]) => text)
  // at a glance and in the details
  expect(badges).toHaveLength(badges.length === 0 ? 0 : 2)
  return { badge: badges[0], html, plainText }
}

test('states are words: programada needs none, and a cancelled session is struck through', async () => {
  expect((await inState('programada')).badge).toBe(undefined)
  expect((await inState('por-confirmar')).badge).toBe('Por confirmar')
  expect((await inState('por-confirmar', null)).badge).toBe(undefined)
  expect((await inState('reprogramada')).badge).toBe('Reprogramada')
  const { badge, html, plainText } = await inState('cancelada')
  expect(badge).toBe('Cancelada')
  expect(html).toMatch(/<s [^>]*line-through[^>]*>Junta General Ejecutiva \(JGE\)<\/s>/)
  expect(plainText).toContain('[Cancelada] Junta General Ejecutiva (JGE)')
  expect(html).toContain('1 sesión cancelada')
})

test('a week without sessions says so, without a file', async () => {
  const { html, plainText, attachments } = await renderCalendario({ sesiones: [] })
  for (const said of [readAloud(html), plainText]) {
    expect(said).toContain('Sin sesiones programadas')
    expect(said).toContain('Fechas y horas sujetas a cambio')
    expect(said).not.toMatch(/\.ics|Fuente:|lunes 23\n|undefined|null/)
  }
  expect(attachments).toEqual([])
  // content that was never completed from the register has no list at all
  const { sesiones: _sesiones, ...body } = calendario()
  const bare = await rendered(calendarioIne, body, monday)
  expect(bare.plainText).toBe(plainText)
})

test('a correction says so on top, lists what changed, and marks each session', async () => {
  const sesiones = [
    sesion({ id: 'a', organo: organo('Igual') }),
    sesion({ id: 'b', organo: organo('Recién convocada'), cambio: 'nueva', fecha: '2026-11-25' }),
    sesion({ id: 'c', organo: organo('Movida'), cambio: 'modificada', estado: 'reprogramada' }),
    sesion({ id: 'd', organo: organo('Suspendida'), cambio: 'cancelada', estado: 'cancelada' }),
  ]
  const { html, plainText, subject } = await renderCalendario({ sesiones }, correction)
  expect(subject).toMatch(/^Alcance: /)
  const aloud = readAloud(html)
  expect(aloud).toContain('ALCANCE 1 Sustituye al calendario que recibió antes.')
  expect(aloud.indexOf('ALCANCE 1')).toBeLessThan(aloud.indexOf('Semana del 23'))
  expect(plainText).toContain(
    [
      'Qué cambió:',
      '- [Modificada] [Reprogramada] Movida: martes 24 de noviembre, 10:00 horas',
      '- [Cancelada] Suspendida: martes 24 de noviembre, 10:00 horas',
      '- [Nueva] Recién convocada: miércoles 25 de noviembre, 10:00 horas',
    ].join('\n'),
  )
  for (const session of [
    '[Nueva] Recién',
    '[Modificada] [Reprogramada] Movida',
    '[Cancelada] Susp',
  ])
    expect(plainText).toContain(`  ${session}`)
  expect(plainText).toContain('\n  Igual\n')
  const original = await renderCalendario({ sesiones: [sesion()] })
  expect(original.html).not.toMatch(/ALCANCE|Qué cambió/)
})

test('a correction without changed sessions says that too', async () => {
  const { html, plainText } = await renderCalendario({}, correction)
  expect(readAloud(html)).toContain('Qué cambió\nNinguna sesión cambió.')
  expect(plainText).toContain('Qué cambió:\n- Ninguna sesión cambió.\n')
})

test('the mail names the file that it carries', async () => {
  const { html, plainText, attachments } = await renderCalendario()
  expect(attachments.map(({ filename }) => filename)).toEqual(['calendario-ine-2026-W48.ics'])
  for (const said of [readAloud(html), plainText])
    expect(said).toContain(
      'El archivo adjunto calendario-ine-2026-W48.ics agrega estas sesiones a su calendario.',
    )
})

const weekOfSixty = (points: number) => ({
  ...calendario(),
  sesiones: Array.from({ length: 60 }, (_, index) =>
    sesion({
      id: `sesion-${index}`,
      fecha: `2026-11-${23 + (index % 5)}`,
      hora: `${10 + (index % 8)}:00`,
      ordenDelDia: Array.from({ length: points }, (_, point) => ({
        numero: String(point + 1),
        asunto: 'Presentación del informe de seguimiento a los planes integrales.',
      })),
    }),
  ),
})

test('sixty plain sessions fit; sixty with long orders of business are refused, with what to do', async () => {
  const plain = await render(calendarioIne, weekOfSixty(0), monday)
  expect(plain.ok && plain.rendering.htmlBytes).toBeLessThan(80_000)
  const long = await render(calendarioIne, weekOfSixty(20), monday)
  expect(long.ok ? [] : long.faults).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/no debe pasar de 100 KB/) }),
  ])
})

test('text of the register cannot add components, markup or template code', async () => {
  const hostile = '</mj-text><mj-text><b x="1">{{organo}} & {{{x}}} \'"'
  const { html, plainText } = await renderCalendario({
    aviso: hostile,
    sesiones: [
      sesion({
        organo: organo(hostile, 'S<b>"&'),
        ordinal: hostile,
        lugar: hostile,
        ordenDelDia: [{ numero: '<b>', asunto: hostile }],
        enlaces: { transmision: 'https://a.mx/"onclick="x"><script>' },
        fuente: { nombre: hostile, consultadaEl: '2026-11-22T18:00:00-06:00' },
      }),
    ],
  })
  expect(html).not.toMatch(/<mj-|<b[ >]x|<script|onclick="/)
  // aviso, name, kind, place, point and source
  expect(plainText.split(hostile)).toHaveLength(7)
})

const preheader = (...states: Sesion['estado'][]) =>
  calendarioIne.preheader({
    ...calendario(),
    sesiones: states.map((estado) => sesion({ estado })),
  } as never)

test('the preheader counts what is to be held', () => {
  expect(preheader('programada', 'cancelada')).toBe('1 sesión programada.')
  expect(preheader('programada', 'reprogramada')).toBe('2 sesiones programadas.')
  expect(preheader('cancelada')).toBe('Sin sesiones programadas.')
})

test('the file that comes with it adds sessions to a calendar, and where one is cancelled brings it up to date', async () => {
  const held = sesion({ id: 'a', fecha: '2026-11-23', hora: '12:00' })
  const cancelled = sesion({ id: 'b', fecha: '2026-11-24', hora: '12:00', estado: 'cancelada' })
  const adds = 'agrega estas sesiones a su calendario.'
  const updates = 'pone al día estas sesiones en su calendario, también las canceladas.'
  for (const [sesiones, says, not] of [
    [[held], adds, updates],
    [[held, cancelled], updates, adds],
    [[cancelled], updates, adds],
  ] as const) {
    const { html, plainText } = await renderCalendario({ sesiones: [...sesiones] })
    for (const said of [plainText, readAloud(html)]) {
      const words = said.replaceAll(/\s+/g, ' ')
      expect(words).toContain(says)
      expect(words).not.toContain(not)
    }
  }
})
