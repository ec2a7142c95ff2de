/** Files of contacts as they come: every encoding and delimiter of Excel, and what no file should be. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, constants } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { expect, onTestFinished, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import type { ColumnChoice, Field } from '../../src/audience/import-file/columns.ts'
import {
  openContactsFile,
  previewContactsFile,
} from '../../src/audience/import-file/contacts-file.ts'
import { fileAt, fileOf, type ImportFile } from '../../src/audience/import-file/file.ts'
import { openTable } from '../../src/audience/import-file/open-table.ts'
import { openXlsx } from '../../src/audience/import-file/xlsx.ts'
import { Problem, type Fault } from '../../src/errors.ts'

async function rowsOf(file: ImportFile, choice?: ColumnChoice): Promise<[number, ...string[]][]> {
  const { rows } = await openContactsFile(file, choice)
  const all: [number, ...string[]][] = []
  for await (const { number, cells } of rows) all.push([number, ...cells])
  return all
}

const csv = (text: string | Uint8Array): ImportFile => fileOf(text, 'personal.csv')

async function refused(work: () => Promise<unknown>): Promise<Fault[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Problem) return error.faults
    throw error
  }
  throw new Error('It was not refused')
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-import-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function xlsx(...sheets: { sheet: string; rows: unknown[][] }[]): Promise<ImportFile> {
  const data = sheets.map(({ rows, ...sheet }) => ({
    ...sheet,
    data: rows.map((row) =>
      row.map((value) => {
        if (value instanceof Date) return { value, type: Date, format: 'yyyy-mm-dd' }
        return value === null ? null : { value: value as string }
      }),
    ),
  }))
  return fileOf(await writeXlsxFile(data).toBuffer(), 'personal.xlsx')
}

// what people save

test.each([
  ['commas', 'correo,nombre\nana@iecm.mx,"Ruiz, Ana"\n', 'separado por comas'],
  ['semicolons', 'correo;nombre\nana@iecm.mx;Ruiz, Ana\n', 'separado por punto y coma'],
  ['tabs', 'correo\tnombre\nana@iecm.mx\tRuiz, Ana\n', 'separado por tabuladores'],
])('a file with %s is read, and says so', async (_what, text, readAs) => {
  expect((await previewContactsFile(csv(text))).readAs).toBe(`CSV en UTF-8, ${readAs}`)
  expect(await rowsOf(csv(text))).toEqual([[2, 'ana@iecm.mx', 'Ruiz, Ana']])
})

test('a delimiter within a quoted heading is none', async () => {
  const text = '"nombre; apellidos, y más",correo\nRuiz,ana@iecm.mx\n'
  expect(await rowsOf(csv(text))).toEqual([[2, 'Ruiz', 'ana@iecm.mx']])
})

test('Excel’s Windows-1252 and its Unicode text keep their accents', async () => {
  const text = 'correo;nombre\r\nana@iecm.mx;Nuño Peña\r\n'
  for (const bytes of [Buffer.from(text, 'latin1'), Buffer.from(`\ufeff${text}`, 'utf16le')])
    expect(await rowsOf(csv(bytes))).toEqual([[2, 'ana@iecm.mx', 'Nuño Peña']])
})

test('a line end within quotes belongs to its cell, and rows are counted as the spreadsheet counts', async () => {
  const text = 'correo,nombre\nana@iecm.mx,"Ana\r\nRuiz"\n\nluis@iecm.mx,Luis\n'
  const rows = await rowsOf(csv(text))
  expect(rows.filter(([, address]) => address !== '')).toEqual([
    [2, 'ana@iecm.mx', 'Ana\r\nRuiz'],
    [4, 'luis@iecm.mx', 'Luis'],
  ])
})

test('a nickname in quotation marks needs no others around it', async () => {
  const text = 'correo,nombre\nana@iecm.mx,Ana "La Güera" Ruiz\n'
  expect(await rowsOf(csv(text))).toEqual([[2, 'ana@iecm.mx', 'Ana "La Güera" Ruiz']])
})

test('a header may stand below a title', async () => {
  const text = 'Directorio 2026;;\n\nNombre;Correo\nAna;ana@iecm.mx\n'
  expect(await previewContactsFile(csv(text))).toMatchObject({ headerRow: 3 })
  expect(await rowsOf(csv(text))).toEqual([[4, 'Ana', 'ana@iecm.mx']])
})

test('the columns are guessed whatever their accents and capitals, and shown with the first five rows', async () => {
  const headings = [
    'No.',
    'CORREO  ELECTRONICO',
    'Nombre(s)',
    'Apellido_Paterno',
    'Apellido Materno',
    'Pais',
  ]
  const line = (i: number) => `${i};p${i}@iecm.mx;Ana;Ruiz;Paz;México`
  const text = [headings.join(';'), ...Array.from({ length: 8 }, (_, i) => line(i + 1))].join('\n')
  const preview = await previewContactsFile(csv(text))
  expect(preview.columns.map(({ field }) => field)).toEqual([
    null,
    'correo',
    'nombre',
    'apellido_paterno',
    'apellido_materno',
    'pais',
  ])
  expect(preview.columns[1]!.heading).toBe('CORREO ELECTRONICO')
  expect(preview.firstRows).toHaveLength(5)
  expect(preview.firstRows[0]).toEqual(['1', 'p1@iecm.mx', 'Ana', 'Ruiz', 'Paz', 'México'])
})

test.each([
  'correo',
  'Correo',
  'e-mail',
  'E-MAIL',
  'email',
  'Email Address',
  'Dirección de correo electrónico',
])('a column «%s» has the addresses', async (heading) => {
  const { columns } = await previewContactsFile(csv(`${heading}\nana@iecm.mx\n`))
  expect(columns).toEqual([{ heading, field: 'correo' }])
})

test('what cannot be seen in a heading is no part of it', async () => {
  const text = 'cor\u0000reo\u001b,\u200bNom\u0007bre  completo\nana@iecm.mx,Ana\u001b[31m\n'
  const { columns, firstRows } = await previewContactsFile(csv(text))
  expect(columns).toEqual([
    { heading: 'cor reo', field: 'correo' },
    { heading: 'Nom bre completo', field: 'nombre' },
  ])
  expect(firstRows).toEqual([['ana@iecm.mx', 'Ana [31m']])
})

test('a column may be chosen where the guess is wrong, or left unread', async () => {
  const text = 'Correo,Contacto,Nombre\nana@iecm.mx,ana@example.org,Ana\n'
  const chosen = async (choice: ColumnChoice): Promise<(Field | null)[]> =>
    (await previewContactsFile(csv(text), choice)).columns.map(({ field }) => field)
  expect(await chosen({ correo: 'contacto' })).toEqual([null, 'correo', 'nombre'])
  expect(await chosen({ nombre: '' })).toEqual(['correo', null, null])
})

// XLSX

test('an XLSX is read: text, numbers, dates and booleans become text, and gaps stay', async () => {
  const file = await xlsx({
    sheet: 'Personal',
    rows: [
      ['Correo', 'Nombre', 'Número', 'Fecha', 'Grupo'],
      ['ana@iecm.mx', 'Nuño\nPeña', 7.5, new Date('2026-11-23T00:00:00Z'), true],
      [null, null, null, null, null],
      ['luis@iecm.mx', '=1+1', null, null, false],
    ],
  })
  const { preview } = await openContactsFile(file)
  expect(preview).toMatchObject({ format: 'xlsx', readAs: 'XLSX, hoja «Personal»', warnings: [] })
  expect(await rowsOf(file)).toEqual([
    [2, 'ana@iecm.mx', 'Nuño\nPeña', '7.5', '2026-11-23', 'sí'],
    [3, '', '', '', '', ''],
    [4, 'luis@iecm.mx', '=1+1', '', '', 'no'],
  ])
})

test('of several sheets the first is read, and the others are named', async () => {
  const rows = [['correo'], ['ana@iecm.mx']]
  const file = await xlsx({ sheet: 'Altas & más', rows }, { sheet: 'Bajas', rows })
  const { readAs, warnings } = await previewContactsFile(file)
  expect(readAs).toBe('XLSX, hoja «Altas & más»')
  expect(warnings).toEqual(['Solo se lee la primera hoja. No se leyó: «Bajas»'])
})

/** One file within a zip, deflated, with the sizes that its headers announce. */
function zipEntry(name: string, deflated: Buffer, announced: { size: number; later: boolean }) {
  const field = (bytes: number, ...values: number[]) => {
    const buffer = Buffer.alloc(bytes * values.length)
    values.forEach((value, i) => buffer.writeUIntLE(value, i * bytes, bytes))
    return buffer
  }
  const flags = announced.later ? 8 : 0
  const sizes = announced.later ? [0, 0, 0] : [0, deflated.length, announced.size]
  const start = [field(2, 20, flags, 8, 0, 0)]
  const local = Buffer.concat([
    Buffer.from('PK\x03\x04'),
    ...start,
    field(4, ...sizes),
    field(2, name.length, 0),
    Buffer.from(name),
    deflated,
    ...(announced.later
      ? [Buffer.from('PK\x07\x08'), field(4, 0, deflated.length, announced.size)]
      : []),
  ])
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02'),
    field(2, 20),
    ...start,
    field(4, 0, deflated.length, announced.size),
    field(2, name.length, 0, 0, 0, 0),
    field(4, 0, 0),
    Buffer.from(name),
  ])
  return { local, directory }
}

function zip(...entries: { local: Buffer; directory: Buffer }[]): Buffer {
  let offset = 0
  const directory = entries.map((entry) => {
    entry.directory.writeUInt32LE(offset, 42)
    offset += entry.local.length
    return entry.directory
  })
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...entries.map(({ local }) => local), ...directory, end])
}

/** So many MB of spaces, in a thousandth of them. */
function deflatedMegabytes(count: number): Buffer {
  const megabyte = Buffer.alloc(1024 * 1024, ' ')
  const one = deflateRawSync(megabyte, { finishFlush: constants.Z_FULL_FLUSH })
  return Buffer.concat([...Array.from({ length: count }, () => one), deflateRawSync('')])
}

const workbook = (inner = ''): { local: Buffer; directory: Buffer } => {
  const xml = `<workbook><sheets><sheet name="A" sheetId="1"/>${inner}</sheets></workbook>`
  return zipEntry('xl/workbook.xml', deflateRawSync(xml), { size: xml.length, later: false })
}

test('a zip bomb that says what it is, is refused before anything of it is inflated', async () => {
  const announced = { size: 4_000_000_000, later: false }
  const bomb = zip(
    workbook(),
    zipEntry('xl/worksheets/sheet1.xml', deflatedMegabytes(1), announced),
  )
  const faults = await refused(() => openTable(fileOf(bomb, 'bomba.xlsx')))
  expect(faults).toMatchObject([
    { place: 'bomba.xlsx', message: expect.stringContaining('descomprimido ocupa 3815 MB') },
  ])
})

test('a zip that shrinks beyond what a sheet can is refused', async () => {
  const announced = { size: 50 * 1024 * 1024, later: false }
  const bomb = zip(
    workbook(),
    zipEntry('xl/worksheets/sheet1.xml', deflatedMegabytes(50), announced),
  )
  const [fault] = await refused(() => openTable(fileOf(bomb, 'bomba.xlsx')))
  expect(fault!.message).toContain('200 veces su peso')
})

test('a list of sheets that never end costs no more than its length', async () => {
  // the square of it would take half a minute
  const hostile = zip(workbook('<sheet '.repeat(145_000)))
  const table = await openTable(fileOf(hostile, 'hojas.xlsx'))
  expect(table.readAs).toBe('XLSX, hoja «A»')
  await table.rows.return()
}, 5_000)

test('a zip bomb that lies about its size kills only the process that reads it', async () => {
  const bomb = zip(
    workbook(),
    zipEntry('xl/worksheets/sheet1.xml', deflatedMegabytes(1500), { size: 1000, later: true }),
  )
  const limits = { timeoutMs: 30_000, memoryMegabytes: 400 }
  const before = process.memoryUsage.rss()
  const table = await openXlsx(fileOf(bomb, 'bomba.xlsx'), limits)
  const faults = await refused(() => table.rows.next())
  expect(faults).toMatchObject([{ place: 'bomba.xlsx', message: 'necesita demasiada memoria' }])
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
})

test('a sheet that takes too long, or too much memory, is refused', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => [`p${i}@iecm.mx`, `Persona ${i}`])
  const file = await xlsx({ sheet: 'A', rows: [['correo', 'nombre'], ...rows] })
  const slow = await openXlsx(file, { timeoutMs: 1, memoryMegabytes: 1000 })
  expect(await refused(() => slow.rows.next())).toMatchObject([
    { message: 'tarda demasiado en leerse' },
  ])
  const heavy = await openXlsx(file, { timeoutMs: 30_000, memoryMegabytes: 60 })
  expect(await refused(() => heavy.rows.next())).toMatchObject([
    { message: 'necesita demasiada memoria' },
  ])
})

test.each([
  ['a damaged zip', Buffer.from('PK\x03\x04 and nothing more'), 'está dañado'],
  [
    'another kind of zip',
    Buffer.from(zipSync({ 'content.xml': strToU8('<office/>') })),
    'no es un libro de Excel',
  ],
  [
    'a workbook without its sheet',
    Buffer.from(
      zipSync({
        'xl/workbook.xml': strToU8('<workbook><sheets><sheet name="A"/></sheets></workbook>'),
      }),
    ),
    'no se puede leer como XLSX',
  ],
  [
    'an old .xls, or one with a password',
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    'es un Excel antiguo (.xls) o tiene contraseña',
  ],
])('%s is refused with what to do', async (_what, bytes, message) => {
  const faults = await refused(() => rowsOf(fileOf(bytes, 'personal.xlsx')))
  expect(faults).toMatchObject([
    { place: 'personal.xlsx', message: expect.stringContaining(message) },
  ])
})

// what no file should be

test('a CSV of 300 MB is refused by its size: nothing of it is read', async () => {
  const path = join(await temporaryFolder(), 'grande.csv')
  await writeFile(path, 'correo\nana@iecm.mx\n')
  await truncate(path, 300 * 1024 * 1024)
  const file = await fileAt(path)
  let opened = 0
  const counted: ImportFile = { ...file, open: () => (opened++, file.open()) }
  expect(await refused(() => openTable(counted))).toEqual([
    {
      place: 'grande.csv',
      message: 'pesa 300 MB, y un CSV no debe pasar de 100 MB',
      remedy: 'Divídalo en varios archivos o quite las columnas que sobran',
    },
  ])
  // its first bytes, to know that it is a CSV
  expect(opened).toBe(1)
})

test('a CSV is read as it is asked for: its first rows cost no more than a little of it', async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `p${i}@iecm.mx,Persona ${i}`)
  const { rows, progress } = await openContactsFile(csv(['correo,nombre', ...lines].join('\n')))
  await rows.next()
  expect(progress()).toBeLessThan(0.1)
  await rows.return()
})

test('a CSV of 60 MB is read whole within a heap of 40 MB', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'grande.csv')
  const file = await open(path, 'w')
  await file.write('correo,nombre\n')
  const thousand = Array.from({ length: 1000 }, (_, i) => `p${i}@iecm.mx,${'ñ'.repeat(60)}\n`)
  for (let i = 0; i < 400; i++) await file.write(thousand.join(''))
  await file.close()
  const program = `
    const { openContactsFile } = await import('${new URL('../../src/audience/import-file/contacts-file.ts', import.meta.url).href}')
    const { fileAt } = await import('${new URL('../../src/audience/import-file/file.ts', import.meta.url).href}')
    const { rows } = await openContactsFile(await fileAt(process.argv[1]))
    let count = 0
    for await (const row of rows) count += row.cells.length
    console.log(count)`
  const args = ['--max-old-space-size=40', '--input-type=module', '--eval', program, path]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe('800000')
})

test.each([
  ['nothing in it', '', 'está vacío', 'encabezados en la primera fila'],
  [
    'no column of addresses',
    'persona,lista\nAna,x\n',
    'no hay columna de correo',
    'correo, nombre, lista',
  ],
  [
    'a heading that nearly says it',
    'Correo 1,lista\na,x\n',
    'no hay columna de correo',
    "--column 'correo=Correo 1'",
  ],
  [
    'no header',
    'ana@iecm.mx,Ana\nluis@iecm.mx,Luis\n',
    'no hay columna de correo',
    'ya es de una persona',
  ],
  [
    'one column and no header',
    'ana@iecm.mx\nluis@iecm.mx\n',
    'no hay columna de correo',
    'ya es de una persona',
  ],
  [
    'a heading twice',
    'correo,Correo,nombre\na,b,c\n',
    'hay encabezados repetidos: «correo» y «Correo»',
    'Cambie el encabezado',
  ],
  [
    'two columns of addresses',
    'correo,e-mail\na,b\n',
    'hay 2 columnas de correo: «correo» y «e-mail»',
    "--column 'correo=correo'",
  ],
  [
    'quotes that do not close',
    'correo,nombre\n"ana@iecm.mx,Ana\nluis@iecm.mx,Luis\n',
    'unas comillas no se cierran',
    'quítelas',
  ],
  [
    'quotes that do not close, for ever',
    `correo,nombre\n"${'ana@iecm.mx\n'.repeat(100_000)}`,
    'una fila pasa de 1,000,000 caracteres',
    'quítelas',
  ],
  [
    '10,000 columns',
    `correo${',x'.repeat(9_999)}\n`,
    'tiene 10,000 columnas, y no debe pasar de 200',
    'Deje solo las columnas',
  ],
  [
    '10,000 columns in a later row',
    `correo\na@iecm.mx${',x'.repeat(9_999)}\n`,
    'tiene 10,000 columnas',
    'separador',
  ],
])('a file with %s is refused with what to do', async (_what, text, message, remedy) => {
  const faults = await refused(() => rowsOf(csv(text)))
  expect(faults).toHaveLength(1)
  expect(faults[0]!.message).toContain(message)
  expect(faults[0]!.remedy).toContain(remedy)
})

test('an empty column at the end of 10,000 is no column', async () => {
  expect(await rowsOf(csv(`correo\nana@iecm.mx${','.repeat(9_999)}\n`))).toEqual([
    [2, 'ana@iecm.mx'],
  ])
})

test('a file that is not there, or is a folder, is told by its name', async () => {
  expect(await refused(() => fileAt('/nada/personal.csv'))).toMatchObject([
    { place: '/nada/personal.csv', message: expect.stringContaining('ENOENT') },
  ])
  expect(await refused(() => fileAt(tmpdir()))).toMatchObject([
    { message: 'no se puede leer: no es un archivo' },
  ])
})

test('the heading that was asked for and is not there is named, with the one that it may be', async () => {
  const faults = await refused(() =>
    previewContactsFile(csv('Correo,Nombre\nana@iecm.mx,Ana\n'), { nombre: 'Nombres' }),
  )
  expect(faults).toMatchObject([
    {
      message: 'no hay una columna con ese encabezado para nombre',
      value: '"Nombres"',
      remedy: '¿Es «Nombre»?',
    },
  ])
})
