import { expect, test } from 'vitest'
import { markdownToHtml, markdownToText } from '../../src/render/markdown.ts'

const link = (target: string, text: string) =>
  `<a href="${target}" style="text-decoration:underline">${text}</a>`

test('staff can write paragraphs, negritas, cursivas, line breaks, lists and links', () => {
  const text =
    'Uno **dos** *tres* _cuatro_\nsigue  \notro renglón\n\n- a\n- b\n\n1. c\n2. [d](https://iecm.mx/?a=1&b=2) [e](mailto:a@iecm.mx)'
  expect(markdownToHtml(text).replace(/\n/g, '')).toBe(
    '<p>Uno <strong>dos</strong> <em>tres</em> <em>cuatro</em>sigue<br>otro renglón</p>' +
      '<ul><li>a</li><li>b</li></ul>' +
      `<ol><li>c</li><li>${link('https://iecm.mx/?a=1&amp;b=2', 'd')} ${link('mailto:a@iecm.mx', 'e')}</li></ol>`,
  )
  expect(markdownToText(text)).toBe(
    'Uno dos tres cuatro sigue\notro renglón\n\n- a\n- b\n1. c\n2. d (https://iecm.mx/?a=1&b=2) e (a@iecm.mx)',
  )
})

test('plain text keeps the shape of nested lists and says an address that is its own text once', () => {
  expect(markdownToText('Lista:\n\n- uno\n  sigue\n\n  otro párrafo\n\n  - dentro\n\n- dos')).toBe(
    'Lista:\n\n- uno sigue\n  otro párrafo\n  - dentro\n- dos',
  )
  expect(markdownToText('[https://iecm.mx/ñ](https://iecm.mx/ñ)')).toBe('https://iecm.mx/ñ')
  expect(markdownToText('[IECM](https://iecm.mx/)', { linkTargets: false })).toBe('IECM')
})

test.each([
  ['HTML', '<b>negra</b> <br> <!-- x -->'],
  ['a script', '<script>alert(1)</script>'],
  ['HTML pasted from Word', '<p class=MsoNormal><o:p>&nbsp;</o:p></p><style>@page{}</style>'],
  ['MJML', '</mj-text><mj-image src="https://a.mx/x.png" />'],
  ['an image', '![alt](https://a.mx/x.png) ![alt]( https://a.mx "t")'],
  [
    'a javascript link',
    '[x](javascript:alert(1)) [x](JaVaScRiPt:alert(1)) [x]( javascript:alert(1))',
  ],
  ['a javascript link in entities', '[x](java&#115;cript:alert(1)) [x](&#x6A;avascript:alert(1))'],
  ['a data link', '[x](data:text/html;base64,PHNjcmlwdD4=)'],
  ['an http link', '[x](http://iecm.mx)'],
  ['a link to a local name', '[x](https://localhost/x)'],
  ['a link that hides its host', '[x](https://iecm.mx@evil.example/)'],
  ['a mail link with headers', '[x](mailto:a@iecm.mx?bcc=b@evil.example)'],
  ['an automatic link', '<https://iecm.mx> https://iecm.mx'],
  ['a link to nowhere', '[x]() [x]( "t") [y](<>) [](#a) []'],
  ['a reference', '[x][y] [z]'],
  ['a heading', '# uno'],
  ['a quotation', '> cita'],
  ['code', '`código` {{x}}'],
  ['template braces', '{{titular}} {{{titular}}} {{#each x}} {{> correo}} [[x]] <%= x %>'],
  ['an entity', '&amp; &lt;b&gt; &copy; \\*'],
  ['a table', '| a | b |'],
])('%s comes out as the text that was typed', (_, typed) => {
  const html = markdownToHtml(typed)
  expect(html).toMatch(/^<p>[^<>]*<\/p>$/)
  expect(decode(html.slice(3, -4))).toBe(typed)
  expect(markdownToText(typed)).toBe(typed)
})

test('whatever is typed, only the tags of the subset come out', () => {
  const pieces = [
    '<b>',
    '](',
    'https://a.mx',
    '![',
    '[',
    ')',
    '**',
    '_',
    '\n- ',
    '\n\n',
    '"',
    "'",
    '&',
    '`',
    'javascript:x',
    '<',
    '>',
  ]
  let seed = 7
  const next = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below
  for (let round = 0; round < 3000; round++) {
    const typed = Array.from({ length: 12 }, () => pieces[next(pieces.length)]).join('')
    const rest = markdownToHtml(typed)
      .replace(/<a href="(https:\/\/|mailto:)[^"<>]*" style="text-decoration:underline">/g, '')
      .replace(/<\/?(p|strong|em|ul|ol|li|a)>|<br>|<ol start="\d+">/g, '')
    expect(rest, typed).not.toMatch(/[<>]/)
  }
})

function decode(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
