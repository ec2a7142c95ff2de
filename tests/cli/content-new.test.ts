/** `pregonero content new` and `content schema`, as staff run them: in a folder of their own, without a database. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { desk } from '../support/desk.ts'

const withoutDatabase = () => desk({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })

test('an example is written with its schema and its files beside it, and is sound as it is', async () => {
  const { folder, pregonero } = await withoutDatabase()
  const answer = await pregonero('content', 'new', 'infografia-internacional')
  expect(answer).toMatchObject({ code: 0, stderr: '' })
  expect(await readdir(folder)).toEqual([
    'infografia-internacional.png',
    'infografia-internacional.schema.json',
    'infografia-internacional.yaml',
  ])
  for (const name of await readdir(folder)) expect(answer.stdout).toContain(name)
  expect(await pregonero('content', 'check', 'infografia-internacional.yaml')).toMatchObject({
    code: 0,
    stdout: 'infografia-internacional.yaml: contenido válido de Infografía internacional.\n',
  })
  await rm(join(folder, 'infografia-internacional.png'))
  const checked = await pregonero('content', 'check', 'infografia-internacional.yaml')
  expect(checked).toMatchObject({ code: 3, stdout: '' })
  expect(checked.stderr).toContain(
    'infografia-internacional.yaml imagen: no está junto al contenido ("infografia-internacional.png")',
  )
})

test('what is there already is never overwritten, and then nothing is written', async () => {
  const { folder, pregonero } = await withoutDatabase()
  const mine = join(folder, 'boletin.yaml')
  await writeFile(mine, 'titular: Mi trabajo de la mañana\n')
  const taken = await pregonero('content', 'new', 'boletin-electoral', 'boletin.yaml')
  expect(taken).toMatchObject({ code: 4, stdout: '' })
  expect(taken.stderr).toBe(
    'boletin.yaml: ya existe, y no se sobrescribe. Elija otro nombre u otra carpeta\n',
  )
  expect(await readFile(mine, 'utf8')).toBe('titular: Mi trabajo de la mañana\n')
  expect(await readdir(folder)).toEqual(['boletin.yaml'])
})

test('the schema is of today: one of an earlier version gives way', async () => {
  const { folder, pregonero } = await withoutDatabase()
  const path = join(folder, 'boletin-electoral.schema.json')
  await writeFile(path, '{}')
  expect(await pregonero('content', 'new', 'boletin-electoral')).toMatchObject({ code: 0 })
  expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('properties')
})

test('a second example in the same folder shares the schema and the files of the first', async () => {
  const { folder, pregonero } = await withoutDatabase()
  await pregonero('content', 'new', 'informe-trimestral', 'uno.yaml')
  expect(await pregonero('content', 'new', 'informe-trimestral', 'dos.yaml')).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(await readdir(folder)).toEqual([
    'dos.yaml',
    'informe-trimestral.pdf',
    'informe-trimestral.schema.json',
    'uno.yaml',
  ])
})

test('the schema that is printed is the one that is written', async () => {
  const { folder, pregonero } = await withoutDatabase()
  await pregonero('content', 'new', 'calendario-ine')
  const { code, stdout, stderr } = await pregonero('content', 'schema', 'calendario-ine')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(await readFile(join(folder, 'calendario-ine.schema.json'), 'utf8'))
  expect(JSON.parse(stdout)).toMatchObject({ title: 'Calendario de sesiones del INE' })
})

test('a publication that is none ends with 5 and the nearest one, a folder that is none with 2', async () => {
  const { folder, pregonero } = await withoutDatabase()
  for (const command of ['new', 'schema']) {
    const unknown = await pregonero('content', command, 'boletin-electorla')
    expect(unknown).toMatchObject({ code: 5, stdout: '' })
    expect(unknown.stderr).toBe(
      'publicación: no existe ("boletin-electorla"). ¿Quiso decir boletin-electoral?\n',
    )
  }
  const nowhere = await pregonero('content', 'new', 'boletin-electoral', 'no-hay/boletin.yaml')
  expect(nowhere).toMatchObject({ code: 2, stdout: '' })
  expect(nowhere.stderr).toContain('no-hay/boletin.yaml: no se puede escribir')
  expect(await readdir(folder)).toEqual([])
})
