import { expect, test } from 'vitest'
import { invitacionRedObservacion } from '../../jobs/invitacion-red-observacion.ts'
import { compileSlots, escapeHtml, slotValues } from '../../src/render/slots.ts'
import { chosenHour, evento, invitacion, renderInvitacion, rendered } from './samples.ts'

test('the event says when, for how long, how, and for how many, in both parts', async () => {
  const { html, plainText } = await renderInvitacion()
  expect(html).toMatch(/<h1 [^>]*>Taller virtual «Qué observa quien observa»<\/h1>/)
  expect(html).toMatch(
    />17:00 a 18:30 horas<\/p>\s*<p [^>]*>hora de la Ciudad de México<br>Virtual</,
  )
  expect(plainText).toContain('17:00 a 18:30 horas, hora de la Ciudad de México\n')
  for (const said of [html.replace(/<[^>]*>/g, ''), plainText]) {
    expect(said).toContain('jueves 3 de diciembre de 2026')
    expect(said).toContain('100 lugares')
    expect(said).toContain('Estimadas personas integrantes de la Red de Observación:')
    expect(said).toContain('Ciudad de México, 25 de noviembre de 2026')
  }
  expect(plainText).toContain('\nRegistrarme: https://example.org/registro\n')
})

test('its list is greeted as one: no mail of it differs from another', async () => {
  const { html, plainText } = await renderInvitacion()
  const fill = compileSlots(html + plainText, escapeHtml)
  expect(fill(slotValues({ name: 'Ana Pérez', leaveUrl: 'https://correo.iecm.test/baja/x' }))).toBe(
    fill(slotValues({ name: '', leaveUrl: 'https://correo.iecm.test/baja/x' })),
  )
})

test.each([
  // Europe has left summer time on 25 October 2026, the United States leave it on 1 November
  ['2026-10-28', '20:00 a 21:30 horas', '01:00 a 02:30 horas', 'jueves 29 de octubre'],
  ['2026-11-05', '19:00 a 20:30 horas', '01:00 a 02:30 horas', 'viernes 6 de noviembre'],
  ['2026-07-31', '20:00 a 21:30 horas', '02:00 a 03:30 horas', 'sábado 1 de agosto'],
])(
  'readers elsewhere get their hour and, where it is another day, their date: %s',
  async (day, newYork, madrid, date) => {
    const { html, plainText } = await renderInvitacion({
      evento: evento({
        inicio: `${day}T18:00:00-06:00`,
        fin: `${day}T19:30:00-06:00`,
        zonas: ['America/New_York', 'Europe/Madrid', 'Pacific/Port_Moresby'],
      }),
    })
    expect(plainText).toContain(`- Nueva York: ${newYork}\n- Madrid: ${madrid} (${date})\n`)
    expect(plainText).toContain('- Port Moresby: 10:00 a 11:30 horas (')
    expect(html).toMatch(
      new RegExp(
        `<th [^>]*scope="row"[^>]*>Madrid</th><td[^>]*>${madrid}<br><strong>${date}</strong>`,
      ),
    )
  },
)

test('the button leads where staff said, and is a target of 44 pixels', async () => {
  const { html } = await renderInvitacion({
    boton: { texto: 'Registrarme & «ya»', url: 'https://example.org/?a=1&b=2' },
  })
  const [button] = /<a href="https:\/\/example\.org\/\?a[^>]*>[^<]*<\/a>/.exec(html) ?? []
  expect(button).toContain('https://example.org/?a&#x3D;1&amp;b&#x3D;2')
  expect(button).toContain('Registrarme &amp; «ya»')
  expect(button).toMatch(/line-height: 20px;[^"]*padding: 12px 32px;/)
})

test('links that the button gives already are not given twice; others are named by where they go', async () => {
  const { html } = await renderInvitacion()
  expect(html.match(/href="https:\/\/example\.org\/registro"/g)).toHaveLength(1)
  const other = await renderInvitacion({
    evento: evento({ liga: 'https://www.example.org/sala' }),
    boton: { texto: 'Entrar', url: 'https://www.example.org/sala' },
  })
  expect(other.html).toMatch(
    />Registro<\/td><td[^>]*><a [^>]*href="https:\/\/example\.org\/registro"/,
  )
  expect(other.html).not.toContain('>Acceso<')
  expect(other.plainText).toContain('\nRegistro: https://example.org/registro\n')
})

test('an event in a place says where, and one of several days says until when', async () => {
  const { html, plainText } = await renderInvitacion({
    evento: evento({
      modalidad: 'hibrida',
      sede: 'Huizaches 25, Tlalpan',
      fin: '2026-12-04T14:00:00-06:00',
      zonas: [],
    }),
  })
  expect(plainText).toContain(
    'Modalidad: Híbrida: presencial y virtual\nSede: Huizaches 25, Tlalpan',
  )
  expect(plainText).toContain('17:00 horas a 14:00 horas del viernes 4 de diciembre, hora de la')
  expect(html).not.toContain('En otras ciudades')
})

test('an invitation without event or button is a letter, without a file', async () => {
  const { evento: _evento, boton: _boton, ...body } = invitacion()
  const { html, plainText, attachments } = await rendered(
    invitacionRedObservacion,
    body,
    chosenHour,
  )
  expect(html).toMatch(/>Invitación<\/p>\s*<h1 [^>]*>Taller virtual «Qué observa/)
  expect(plainText).toContain('\nInvitación\n\nTaller virtual «Qué observa')
  expect(attachments).toEqual([])
  expect(html + plainText).not.toMatch(/\.ics|Modalidad|undefined|null/)
})

test('a cancelled event says so, and leads nowhere: neither button, links, place nor other hours', async () => {
  const { html, plainText } = await renderInvitacion(
    {
      evento: evento({
        cancelado: true,
        modalidad: 'hibrida',
        sede: 'Huizaches 25',
        liga: 'https://example.org/sala',
      }),
    },
    { ...chosenHour, revision: 1 },
  )
  expect(html).toMatch(/<s class="tachado"[^>]*>17:00 a 18:30 horas<\/s>/)
  expect(html.match(/<span class="estado estado-cancelada"[^>]*>Cancelado<\/span>/g)).toHaveLength(
    2,
  )
  expect(plainText).toContain('\nCancelado\n\nTaller virtual «Qué observa quien observa»\n====')
  expect(plainText).toContain('[Cancelado] 17:00 a 18:30 horas, hora de la Ciudad de México\n')
  for (const said of [html, plainText]) {
    expect(said).toMatch(/El archivo adjunto \S+-alcance-1\.ics lo quita de su calendario\./)
    expect(said).not.toMatch(
      /example\.org|Registrarme|Huizaches|100 lugares|En otras ciudades|agrega el/,
    )
  }
})

test('a correction says that it replaces the invitation', async () => {
  const { html, plainText, subject } = await renderInvitacion({}, { ...chosenHour, revision: 1 })
  expect(subject).toMatch(/^Alcance: /)
  expect(html).toContain('ALCANCE 1</strong> Sustituye a la invitación que recibió antes.')
  expect(plainText).toContain('*** ALCANCE 1. Sustituye a la invitación que recibió antes. ***')
})

test('text of staff cannot add components, markup or template code', async () => {
  const hostile = '</mj-text><mj-text><b x="1">{{asunto}} & {{{x}}} \'"'
  const { html, plainText } = await renderInvitacion({
    saludo: hostile,
    cuerpo: `${hostile} ![x](https://a.mx/x.png)`,
    evento: evento({ titulo: hostile, modalidad: 'hibrida', sede: hostile }),
    boton: { texto: hostile, url: 'https://a.mx/"onclick="x"><script>' },
  })
  expect(html).not.toMatch(/<mj-|<b x|<script|<img|onclick="/)
  // title, greeting, body, place and button
  expect(plainText.split(hostile)).toHaveLength(6)
})
