import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { definitionOf, readDefinitions, tableIds } from '../../src/report/definition.ts'

/** A folder like jobs/informe/ with these files. */
async function folderWith(files: Record<string, string>): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), 'pregonero-informe-'))
  onTestFinished(() => rm(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return pathToFileURL(`${path}/`)
}

const tableYaml = (id: string, celdas = '[numero, fecha, texto]') =>
  `{ id: ${id}, introduccion: I, columnas: [No., Fecha, Tema], celdas: ${celdas}, fecha: dia-y-fecha }`
const definitionYaml = (...tables: string[]) =>
  `secciones: [{ id: A, titulo: T, tablas: [${tables.join(', ')}] }]`

test('every fault of every file is told at once, with its place and what to do', async () => {
  const folder = await folderWith({
    'anexo.yaml': definitionYaml(tableYaml('A.1')),
    '2024.yaml': 'secciones:\n  - id: "A\n',
    '2025.yaml': definitionYaml(
      tableYaml('A.1'),
      tableYaml('A.1'),
      tableYaml('A.2', '[numero, texto]'),
    ),
    '2026.yaml': definitionYaml(tableYaml('A.1', '[numero, hora, texto]')).replace(
      'titulo: T',
      'tittle: T',
    ),
    'notas.txt': 'not a definition',
  })
  expect(() => readDefinitions(folder)).toThrow(
    expect.objectContaining({
      kind: 'config',
      faults: [
        expect.objectContaining({
          place: expect.stringContaining('jobs/informe/2024.yaml, renglón '),
        }),
        expect.objectContaining({ place: 'jobs/informe/2025.yaml A.1', message: 'appears twice' }),
        expect.objectContaining({ place: 'jobs/informe/2025.yaml A.2' }),
        expect.objectContaining({ place: 'jobs/informe/2026.yaml secciones.0.titulo' }),
        expect.objectContaining({
          place: 'jobs/informe/2026.yaml secciones.0.tablas.0.celdas.1',
          message: expect.stringContaining('fecha'),
        }),
        expect.objectContaining({
          place: 'jobs/informe/2026.yaml secciones.0',
          message: expect.stringContaining('tittle'),
        }),
        expect.objectContaining({ place: 'jobs/informe/anexo.yaml' }),
      ],
    }),
  )
})

test('a folder without a definition is a fault: there would be no report', async () => {
  const folder = await folderWith({})
  expect(() => readDefinitions(folder)).toThrow('jobs/informe: has no definition')
})

test('a year is printed by its own definition, or else by the latest before it', async () => {
  const folder = await folderWith({
    '2025.yaml': definitionYaml(tableYaml('A.1')),
    '2027.yaml': definitionYaml(tableYaml('B.1')),
  })
  const definitions = readDefinitions(folder)
  const tablesOf = (year: number) =>
    definitionOf(definitions, year).secciones[0]!.tablas.map((t) => t.id)
  expect(tablesOf(2025)).toEqual(['A.1'])
  expect(tablesOf(2026)).toEqual(['A.1'])
  expect(tablesOf(2027)).toEqual(['B.1'])
  expect(tablesOf(2030)).toEqual(['B.1'])
  expect(() => definitionOf(definitions, 2024)).toThrow(/2024.*jobs\/informe\/2024\.yaml/)
  // what publications of today can feed
  expect(tableIds(definitions)).toEqual(new Set(['B.1']))
})

test('the definition in force prints the boletín under the heading and columns of the paper', () => {
  const { secciones } = definitionOf(readDefinitions(), 2026)
  const section = secciones.find(({ id }) => id === 'IV.3.a.i')
  expect(section).toMatchObject({
    titulo: 'i. Dar Seguimiento a las sesiones del Consejo General del INE, y noticias relevantes.',
    tablas: [
      {
        id: 'IV.3.a.i',
        introduccion: expect.stringContaining(
          'la cuenta de correo ADMIN, en las siguientes fechas',
        ),
        columnas: ['No.', 'Fecha', 'Instrumento'],
        combinada: true,
      },
    ],
  })
})
