/** One row of a file: what is taken from it, and what is said of it. */
import { expect, test } from 'vitest'
import { guessColumns } from '../../src/audience/import-file/columns.ts'
import { countryCode } from '../../src/audience/import-file/countries.ts'
import { likelyDomain } from '../../src/audience/import-file/domains.ts'
import { checkRow, type CheckedRow, type RowFault } from '../../src/audience/import-file/row.ts'

const headings = [
  'Correo',
  'Nombre',
  'Apellido paterno',
  'Apellido materno',
  'Lista',
  'Grupo',
  'País',
  'Etiquetas',
]
const lists = ['comunidad-iecm', 'consejerias']

function check(cells: Partial<Record<string, string>>): CheckedRow {
  const columns = guessColumns(headings, {}, 'personal.csv')
  const given = { Correo: 'ana@iecm.mx', Lista: 'consejerias', ...cells }
  const row = { number: 2, cells: headings.map((heading) => given[heading as 'Correo'] ?? '') }
  return checkRow(row, { columns, lists, list: undefined })!
}

/** The one thing that is wrong with it. */
function faultOf(cells: Partial<Record<string, string>>): RowFault {
  const { faults } = check(cells)
  expect(faults).toHaveLength(1)
  return faults[0]!
}

test('a row becomes a contact in its normal form', () => {
  const row = check({
    Correo: ' Ana.Ruiz@IECM.mx ',
    Nombre: '  Ana\n María ',
    'Apellido paterno': 'Ruiz',
    'Apellido materno': 'Paz',
    Lista: 'consejerias | comunidad-iecm',
    Grupo: 'Sí',
    País: 'méxico',
    Etiquetas: 'Prensa | Radio y TV; prensa, aliadas',
  })
  expect(row).toEqual({
    number: 2,
    address: 'ana.ruiz@iecm.mx',
    name: 'Ana María Ruiz Paz',
    country: 'MX',
    tags: ['prensa', 'radio y tv', 'aliadas'],
    isGroup: true,
    lists: ['consejerias', 'comunidad-iecm'],
    faults: [],
  })
})

test('an empty row is none', () => {
  expect(
    checkRow({ number: 3, cells: ['', '  ', ''] }, { columns: [], lists, list: undefined }),
  ).toBeUndefined()
})

test.each([
  ['nothing', '', 'está vacía', 'Escriba la dirección o quite la fila'],
  [
    'no at sign',
    'ana.iecm.mx',
    'no tiene la forma nombre@dominio',
    'Corrija la dirección o quite la fila',
  ],
  ['a space', 'ana ruiz@iecm.mx', 'contiene espacios', '¿anaruiz@iecm.mx?'],
  ['quotes', '"ana"@iecm.mx', 'contiene comillas', '¿ana@iecm.mx?'],
  [
    'a comment',
    'ana (oficina)@iecm.mx',
    'contiene un comentario entre paréntesis',
    '¿ana@iecm.mx?',
  ],
  [
    'a name around it',
    'Ana Ruiz <ana@iecm.mx>',
    'contiene < o >: escriba solo la dirección',
    '¿ana@iecm.mx?',
  ],
  ['a comma for its dot', 'ana@gmail,com', 'el dominio no es válido', '¿ana@gmail.com?'],
  ['a dot behind it', 'ana@iecm.mx.', 'el dominio no es válido', '¿ana@iecm.mx?'],
  ['a link', 'mailto:ana@iecm.mx', 'contiene «:», que no cabe en una dirección', '¿ana@iecm.mx?'],
  ['300 characters', `${'a'.repeat(292)}@iecm.mx`, 'ocupa 292 octetos y caben 64', 'Corrija'],
  ['a Cyrillic letter', 'аna@iecm.mx', '«а» es una letra cirílica (U+0430)', 'Corrija'],
  ['a letter that was lost', 'jos\ufffd@iecm.mx', 'perdió letras', 'guárdelo como CSV UTF-8'],
  [
    'a header behind it',
    'ana@iecm.mx\r\nBcc: todos@iecm.mx',
    'contiene un salto de línea',
    'Corrija',
  ],
])(
  'an address with %s leaves the row out, with a reason and what may be meant',
  (_what, address, reason, remedy) => {
    const fault = faultOf({ Correo: address })
    expect(check({ Correo: address }).address).toBeNull()
    expect(fault).toMatchObject({ columna: 'correo', excluye: true })
    expect(fault.motivo).toContain(reason)
    expect(fault.sugerencia).toContain(remedy)
  },
)

test('what cannot be seen is shown, and no NUL reaches the database', () => {
  const fault = faultOf({ Correo: 'ana\u0000@iecm.mx' })
  expect(fault).toMatchObject({
    valor: 'ana\\u0000@iecm.mx',
    motivo: 'contiene caracteres de control',
  })
  expect(faultOf({ Nombre: 'A\u0000na' }).columna).toBe('nombre')
  expect(faultOf({ Correo: 'ana\u200b@iecm.mx' }).valor).toBe('ana\\u200b@iecm.mx')
})

test('what a name hides is taken out of it', () => {
  expect(check({ Nombre: 'Ana\u202e Ruiz\u200b' }).name).toBe('Ana Ruiz')
  expect(check({ Nombre: 'Ana 👩🏽‍💻' }).name).toBe('Ana 👩🏽‍💻')
})

test('a tag behind a plus sign and letters of any alphabet are imported', () => {
  expect(check({ Correo: 'ana+boletin@iecm.mx' })).toMatchObject({
    address: 'ana+boletin@iecm.mx',
    faults: [],
  })
  expect(check({ Correo: 'josé@ñandú.mx' })).toMatchObject({
    address: 'josé@xn--and-6ma2c.mx',
    faults: [],
  })
})

test('a domain that looks mistyped is told, and the row is imported as it is', () => {
  expect(check({ Correo: 'ana@gmial.com' }).address).toBe('ana@gmial.com')
  expect(faultOf({ Correo: 'ana@gmial.com' })).toEqual({
    columna: 'correo',
    valor: 'ana@gmial.com',
    motivo: 'el dominio parece mal escrito; se importa así si se acepta',
    sugerencia: '¿gmail.com?',
    excluye: false,
  })
})

test.each([
  ['gmial.com', 'gmail.com'],
  ['gamil.com', 'gmail.com'],
  ['gmail.con', 'gmail.com'],
  ['gmail.com.mx', 'gmail.com'],
  ['hotmial.com', 'hotmail.com'],
  ['hotmal.con', 'hotmail.com'],
  ['outlok.com', 'outlook.com'],
  ['yahooo.com.mx', 'yahoo.com.mx'],
  ['iemc.mx', 'iecm.mx'],
  ['ien.mx', 'ine.mx'],
  ['prodigy.com.mx', 'prodigy.net.mx'],
])('«%s» was probably «%s»', (domain, meant) => {
  expect(likelyDomain(domain)).toBe(meant)
})

test.each([
  'gmail.com',
  'ymail.com',
  'mail.com',
  'ieem.mx',
  'inep.mx',
  'ife.mx',
  'example.org',
  'uacm.edu.mx',
  'gmx.com',
])('«%s» is taken as it is', (domain) => expect(likelyDomain(domain)).toBeUndefined())

test.each([
  ['México', 'MX'],
  ['MEXICO', 'MX'],
  ['mx', 'MX'],
  ['Mexico', 'MX'],
  ['Estados Unidos', 'US'],
  ['United States', 'US'],
  ['EE. UU.', 'US'],
  ['EUA', 'US'],
  ['USA', 'US'],
  ['Reino Unido', 'GB'],
  ['UK', 'GB'],
  ['Alemania', 'DE'],
  ['Germany', 'DE'],
  ['Países Bajos', 'NL'],
  ['Côte d’Ivoire', 'CI'],
  ['Corea del Sur', 'KR'],
])('the country «%s» is %s', (name, code) => {
  expect(countryCode(name)).toBe(code)
})

test.each(['Unión Europea', 'ZZ', 'Mundo', 'XX', ''])('«%s» is no country', (name) => {
  expect(countryCode(name)).toBeUndefined()
})

test('what else is wrong leaves the row out, each with its column', () => {
  expect(faultOf({ País: 'Alemnia' })).toMatchObject({ columna: 'pais', sugerencia: '¿Alemania?' })
  expect(faultOf({ Grupo: 'quizá' })).toMatchObject({
    columna: 'grupo',
    sugerencia: 'Escriba sí o no',
  })
  expect(faultOf({ Lista: 'comunidad-iec' })).toMatchObject({
    columna: 'lista',
    valor: 'comunidad-iec',
    motivo: 'no existe',
    sugerencia: '¿comunidad-iecm?',
  })
  expect(faultOf({ Lista: '' })).toMatchObject({ columna: 'lista', motivo: 'está vacía' })
  expect(faultOf({ Nombre: 'a'.repeat(201) })).toMatchObject({ columna: 'nombre' })
  expect(faultOf({ Nombre: 'a'.repeat(10_001) }).motivo).toBe(
    'tiene 10001 caracteres, y no debe pasar de 10000',
  )
  expect(faultOf({ Etiquetas: 'a'.repeat(51) })).toMatchObject({ columna: 'etiquetas' })
  const all = check({ Correo: 'ana', País: 'Nada', Lista: 'x' })
  expect(all.faults.map(({ columna }) => columna)).toEqual(['correo', 'pais', 'lista'])
})

test('the header again in the middle of the file is no person', () => {
  const columns = guessColumns(headings, {}, 'personal.csv')
  const row = { number: 9, cells: headings.map((heading) => heading.toUpperCase()) }
  expect(checkRow(row, { columns, lists, list: undefined })!.faults).toMatchObject([
    { motivo: 'es el encabezado otra vez', sugerencia: 'Quite la fila', excluye: true },
  ])
})

test('a row with more cells than headings is not guessed at', () => {
  const columns = guessColumns(['nombre', 'correo'], {}, 'personal.csv')
  const row = { number: 2, cells: ['Ruiz', ' Ana', 'ana@iecm.mx'] }
  expect(checkRow(row, { columns, lists, list: 'consejerias' })).toMatchObject({
    address: null,
    faults: [{ motivo: 'tiene 3 celdas, y el encabezado 2' }],
  })
})
