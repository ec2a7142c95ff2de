/** The manual register and its files: what is refused, with its place; what is written, changed and taken out. */
import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { Problem, type Fault } from '../../src/errors.ts'
import { addRow, editRow, enterFigure, importRows, removeRow } from '../../src/flow/register.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import type { RegisterDraft } from '../../src/report/register.ts'
import { testApp, type TestApp } from '../support/app.ts'

const draft = (changes: Partial<RegisterDraft> = {}): RegisterDraft => ({
  tableId: 'IV.1.a.iii',
  quarter: '2026-Q4',
  position: null,
  dates: ['2026-10-16'],
  precision: 'day',
  text: 'Reunión virtual con una organización de ejemplo.',
  fields: {},
  mark: '',
  note: null,
  topic: null,
  publication: null,
  channel: null,
  evidence: null,
  printedDate: null,
  sourceKey: null,
  ...changes,
})

const add = (app: TestApp, changes: Partial<RegisterDraft> = {}) =>
  addRow(app.engine, app.reportDefinitions, app.ana, draft(changes))

async function rowsOf(app: TestApp, table: string): Promise<string[][]> {
  const quarter = parseQuarter('2026-Q4')
  const { sections } = await quarterReport(app.engine, app.reportDefinitions, quarter)
  const found = sections.flatMap(({ tables }) => tables).find(({ id }) => id === table)!
  return found.rows.map(({ cells }) => cells)
}

async function faultsOf(work: () => Promise<unknown>): Promise<Fault[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Problem) return error.faults
    throw error
  }
  return []
}

test('a row that is entered is printed, in the order of dates or at its own number', async () => {
  const app = await testApp()
  await add(app, { dates: ['2026-11-20'], text: 'La de noviembre.' })
  await add(app)
  await add(app, { dates: ['2026-12-01'], text: 'Va primero.', position: 1 })
  expect(await rowsOf(app, 'IV.1.a.iii')).toEqual([
    ['1.', '1 de diciembre de 2026.', 'Va primero.'],
    ['2.', '16 de octubre de 2026.', 'Reunión virtual con una organización de ejemplo.'],
    ['3.', '20 de noviembre de 2026.', 'La de noviembre.'],
  ])
})

test('a table with cells of its own prints them, and the footnote of a mark', async () => {
  const app = await testApp()
  await add(app, {
    tableId: 'IV.3.a.vi-1',
    dates: ['2026-09-11'],
    text: 'Convenio de ejemplo',
    fields: { objeto: 'Colaborar.' },
    mark: '*',
    note: 'Se reporta en este trimestre.',
  })
  expect(await rowsOf(app, 'IV.3.a.vi-1')).toEqual([
    ['1', 'Convenio de ejemplo', 'Colaborar.', '11 de septiembre de 2026*'],
  ])
})

test('a row is corrected and taken out, and the audit log keeps what it said', async () => {
  const app = await testApp()
  const id = await add(app)
  await editRow(app.engine, app.reportDefinitions, app.ana, id, { dates: ['2026-10-17'] })
  expect(await rowsOf(app, 'IV.1.a.iii')).toMatchObject([
    ['1.', '17 de octubre de 2026.', expect.anything()],
  ])
  await removeRow(app.engine, app.ana, id)
  expect(await rowsOf(app, 'IV.1.a.iii')).toEqual([])
  const log = await app.db
    .selectFrom('auditLog')
    .select(['act', 'detail'])
    .where('subject', '=', `register ${id}`)
    .orderBy('id')
    .execute()
  expect(log.map(({ act }) => act)).toEqual(['register.add', 'register.edit', 'register.remove'])
  expect(log[1]!.detail).toMatchObject({
    before: { dates: ['2026-10-16'] },
    after: { dates: ['2026-10-17'] },
  })
  await expect(removeRow(app.engine, app.ana, id)).rejects.toThrow('no existe')
})

test.each<[string, Partial<RegisterDraft>, string, string]>([
  ['of a table that is not there', { tableId: 'IV.1.a.iv' }, 'renglón tabla', '¿Quiso decir IV.'],
  ['without a date', { dates: [] }, 'renglón fechas', 'Escriba una o varias'],
  ['of a day that does not exist', { dates: ['2026-02-30'] }, 'renglón fechas', 'Escríbala como'],
  ['without text', { text: '' }, 'renglón texto', 'Escriba el renglón'],
  ['with a cell of another table', { fields: { area: 'DVOE' } }, 'renglón area', 'No tiene celdas'],
  ['with a topic that nobody knows', { topic: 'foros' }, 'renglón tema', 'topics add'],
  ['with a mark and no footnote', { mark: '*' }, 'renglón nota', 'lo que la marca quiere decir'],
  [
    'of an unknown publication',
    { publication: 'boletin' },
    'renglón publicacion',
    'boletin-electoral',
  ],
])(
  'a row %s is refused with its place and remedy, and nothing is written',
  async (_, changes, place, remedy) => {
    const app = await testApp({ publications })
    const faults = await faultsOf(() => add(app, changes))
    expect(faults).toMatchObject([{ place, remedy: expect.stringContaining(remedy) }])
    expect(await app.db.selectFrom('registerRow').select('id').execute()).toEqual([])
  },
)

test('only who may edit the register does, and a figure is of a quarter', async () => {
  const app = await testApp()
  const reader = { ...app.ana, roles: ['consulta' as const] }
  await expect(addRow(app.engine, app.reportDefinitions, reader, draft())).rejects.toThrow(
    'no puede',
  )
  await expect(
    enterFigure(app.engine, app.reportDefinitions, app.ana, {
      quarter: '2026',
      key: 'folios-sivople',
      value: 3,
    }),
  ).rejects.toThrow('no es un trimestre')
})

const head = 'id,tabla,trimestre,fechas,texto'
const row = (id: string, rest = 'IV.1.a.iii,2026-Q4,2026-10-16,Reunión') => `${id},${rest}`

const importing = (app: TestApp, text: string | Buffer, place = 'renglones.csv') =>
  importRows(app.engine, app.reportDefinitions, app.ana, { bytes: Buffer.from(text), place })

test.each<[string, string, { place: string; message: string; remedy: string }]>([
  [
    'a missing column',
    'id,tabla,periodo,texto\na,IV.1.a.iii,2026-Q4,x',
    {
      place: 'renglones.csv encabezado',
      message: 'falta la columna «trimestre»',
      remedy: 'Las columnas son',
    },
  ],
  [
    'a misspelt column',
    `${head.replace('texto', 'textos')}\n${row('a')}`,
    {
      place: 'renglones.csv encabezado',
      message: 'falta la columna «texto»',
      remedy: '¿Es «textos»?',
    },
  ],
  [
    'an impossible date',
    `${head}\n${row('a')}\n${row('b', 'IV.1.a.iii,2026-Q4,2026-11-31,Reunión')}`,
    {
      place: 'renglones.csv línea 3 fechas',
      message: 'no es una fecha que exista',
      remedy: 'Escríbala',
    },
  ],
  [
    'an unknown publication',
    `${head},publicacion\n${row('a')},pulso`,
    {
      place: 'renglones.csv línea 2 publicacion',
      message: 'no es una publicación',
      remedy: 'pulso-internacional',
    },
  ],
  [
    'the same row twice',
    `${head}\n${row('a')}\n${row('b')}\n${row('a')}`,
    {
      place: 'renglones.csv línea 4 id',
      message: 'es el mismo que el de renglones.csv línea 2',
      remedy: 'Quite el renglón repetido',
    },
  ],
  [
    'a column that no table has',
    `${head},objetto\n${row('a')},x`,
    {
      place: 'renglones.csv línea 2 objetto',
      message: 'no es una celda de IV.1.a.iii',
      remedy: 'quítela',
    },
  ],
  [
    'a JSON that is cut',
    '[{"id": "a",',
    { place: 'renglones.csv', message: 'no es JSON', remedy: 'comas' },
  ],
  [
    'a JSON that is no list',
    '{"id": "a"}',
    { place: 'renglones.csv', message: 'no es una lista', remedy: '[' },
  ],
])(
  'a file with %s is refused with its place and remedy, and nothing is written',
  async (_, text, fault) => {
    const app = await testApp({ publications })
    const faults = await faultsOf(() => importing(app, text))
    expect(faults).toMatchObject([
      {
        place: fault.place,
        message: expect.stringContaining(fault.message),
        remedy: expect.stringContaining(fault.remedy),
      },
    ])
    expect(await app.db.selectFrom('registerRow').select('id').execute()).toEqual([])
  },
)

test.each([
  [
    'a semicolon and Windows-1252, as Excel saves',
    Buffer.from(`${head}\n${row('a')}`.replaceAll(',', ';'), 'latin1'),
  ],
  ['a tab and a byte order mark', Buffer.from(`\ufeff${head}\n${row('a')}`.replaceAll(',', '\t'))],
  [
    'JSON',
    Buffer.from(
      JSON.stringify([
        {
          id: 'a',
          tabla: 'IV.1.a.iii',
          trimestre: '2026-Q4',
          fechas: ['2026-10-16'],
          texto: 'Reunión',
        },
      ]),
    ),
  ],
])('a file with %s reads the same', async (_, bytes) => {
  const app = await testApp()
  expect(await importing(app, bytes)).toMatchObject({ rows: 1, added: 1 })
  expect(await rowsOf(app, 'IV.1.a.iii')).toEqual([['1.', '16 de octubre de 2026.', 'Reunión']])
})

test('a row that says something else now is corrected, the others stay untouched', async () => {
  const app = await testApp()
  await importing(app, [head, row('a'), row('b')].join('\n'))
  const again = [head, row('a'), row('b', 'IV.1.a.iii,2026-Q4,2026-10-20,Otra'), row('c')].join(
    '\n',
  )
  expect(await importing(app, again)).toEqual({
    rows: 3,
    added: 1,
    changed: 1,
    unchanged: 1,
    kept: 0,
  })
})

test('50,000 rows are read, written and told apart in one go, and their faults are counted', async () => {
  const app = await testApp()
  const many = [head, ...Array.from({ length: 50_000 }, (_, i) => row(`r-${i}`))].join('\n')
  expect(await importing(app, many)).toMatchObject({ rows: 50_000, added: 50_000 })
  expect(await importing(app, many)).toMatchObject({ unchanged: 50_000 })
  const wrong = many.replaceAll('2026-10-16', '2026-13-16')
  const faults = await faultsOf(() => importing(app, wrong))
  expect(faults).toHaveLength(51)
  expect(faults.at(-1)!.message).toBe('y 49950 errores más')
})

test('an edit leaves what it does not name, the cells of the table too, and two at once lose nothing', async () => {
  const app = await testApp()
  const id = await add(app, {
    tableId: 'IV.3.a.vi-2',
    dates: [],
    text: 'Convenio',
    fields: { objeto: 'Colaborar', area: 'DVOE', estatus: 'En proceso' },
  })
  const edit = (changes: Partial<RegisterDraft>) =>
    editRow(app.engine, app.reportDefinitions, app.ana, id, changes)
  await Promise.all([edit({ channel: 'oficio' }), edit({ evidence: 'folio 7' })])
  await edit({ fields: { estatus: 'Firmado' } })
  const [row] = await app.db.selectFrom('registerRow').selectAll().execute()
  expect(row).toMatchObject({
    channel: 'oficio',
    evidence: 'folio 7',
    fields: { objeto: 'Colaborar', area: 'DVOE', estatus: 'Firmado' },
  })
})

test('what was corrected by hand stays so when its file is imported again, and the audit log keeps what others said', async () => {
  const app = await testApp()
  await importing(app, [head, row('a'), row('b')].join('\n'))
  const rows = await app.db.selectFrom('registerRow').select(['id', 'sourceKey']).execute()
  const a = rows.find(({ sourceKey }) => sourceKey === 'a')!.id
  await editRow(app.engine, app.reportDefinitions, app.ana, a, { text: 'A mano' })
  const again = [head, row('a'), row('b', 'IV.1.a.iii,2026-Q4,2026-10-16,De archivo')].join('\n')
  expect(await importing(app, again)).toMatchObject({ changed: 1, kept: 1, unchanged: 0 })
  expect((await rowsOf(app, 'IV.1.a.iii')).map(([, , text]) => text)).toEqual([
    'A mano',
    'De archivo',
  ])
  const { detail } = await app.db
    .selectFrom('auditLog')
    .select('detail')
    .where('act', '=', 'register.import')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  expect(detail).toMatchObject({
    changes: [{ before: { text: 'Reunión' }, after: { text: 'De archivo' } }],
  })
})

test('a number that cannot be the printed one is told', async () => {
  const app = await testApp()
  await add(app, { position: 7 })
  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  expect(report.discrepancies.filter(({ kind }) => kind === 'position')).toMatchObject([
    { place: 'IV.1.a.iii#01', message: 'se le dio el número 7 y se imprime con el 1' },
  ])
})

test('a figure that no sentence wants is refused, with the one that was meant', async () => {
  const app = await testApp()
  const enter = (key: string) =>
    enterFigure(app.engine, app.reportDefinitions, app.ana, { quarter: '2026-Q4', key, value: 1 })
  await expect(enter('folio-sivople')).rejects.toThrow('¿Quiso decir folios-sivople?')
  await expect(enter('folios-sivople')).resolves.toBeUndefined()
})

test('a separator inside a heading is no separator, and a row with too many cells is told by its line', async () => {
  const app = await testApp()
  const quoted = `${head},"objeto; y más"\n${row('a')},`
  const [fault] = await faultsOf(() => importing(app, `${head}\n${row('a')},otra\n`))
  expect(fault).toMatchObject({ message: expect.stringContaining('más celdas que el encabezado') })
  expect(await importing(app, quoted)).toMatchObject({ added: 1 })
})
