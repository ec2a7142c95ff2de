import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inTransaction, type Db } from '../../src/db/database.ts'
import type { RestPeriod } from '../../src/schedule/institutional-calendar.ts'
import { ownRestDays } from '../../src/schedule/rest-days-file.ts'
import {
  addRestDay,
  importRestDays,
  readRestDays,
  removeRestDay,
  seedRestDays,
} from '../../src/schedule/rest-days.ts'
import { testDatabase } from '../support/database.ts'

const navidad: RestPeriod = {
  start: '2026-12-25',
  end: '2026-12-25',
  name: 'Navidad',
  kind: 'descanso',
  status: 'confirmado',
}
const invierno: RestPeriod = {
  start: '2026-12-21',
  end: '2027-01-05',
  name: 'Vacaciones de invierno',
  kind: 'cerrado',
  basis: 'Acuerdo de muestra',
  status: 'por-confirmar',
}
const enero: RestPeriod = { ...navidad, start: '2027-01-01', end: '2027-01-01', name: 'Año Nuevo' }

const closing = (start: string, name: string) => ({
  start,
  end: '2026-12-31',
  name,
  kind: 'cerrado',
})
const importing = (db: Db, rows: RestPeriod[]) =>
  inTransaction(db, (tx) => importRestDays(tx, rows))
const adding = (db: Db, row: Parameters<typeof addRestDay>[1]) =>
  inTransaction(db, (tx) => addRestDay(tx, row))
const removing = (db: Db, ...args: [date: string, kind?: RestPeriod['kind']]) =>
  inTransaction(db, (tx) => removeRestDay(tx, ...args))

test('a new installation takes the calendar of jobs/, once; what staff changed stays', async () => {
  const db = await testDatabase()
  expect(await seedRestDays(db)).toBe(ownRestDays().length)
  expect(await readRestDays(db)).toEqual(ownRestDays())
  await removing(db, '2026-12-25')
  expect(await seedRestDays(db)).toBe(0)
  expect(await readRestDays(db)).toHaveLength(ownRestDays().length - 1)
})

test('processes that start at once load the calendar once', async () => {
  const db = await testDatabase()
  const written = await Promise.all(Array.from({ length: 6 }, () => seedRestDays(db)))
  expect(written.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, ownRestDays().length])
})

test('what is written is read back as it was, dates without hours', async () => {
  const db = await testDatabase()
  await importing(db, [navidad, invierno])
  expect(await readRestDays(db)).toEqual([invierno, navidad])
})

test('an import replaces the years that it names and says what came, went and stayed', async () => {
  const db = await testDatabase()
  const puente = { ...navidad, start: '2026-12-24', end: '2026-12-24', name: 'Puente' }
  await importing(db, [navidad, puente, enero])
  const confirmed: RestPeriod = { ...puente, basis: 'Acuerdo 12' }
  expect(await importing(db, [navidad, confirmed])).toEqual({
    years: [2026],
    added: [confirmed],
    removed: [puente],
    kept: 1,
  })
  expect(await readRestDays(db)).toEqual([confirmed, navidad, enero])
})

test('a period belongs to the year in which it starts: the file of the next year leaves it alone', async () => {
  const db = await testDatabase()
  await importing(db, [invierno])
  expect(await importing(db, [enero])).toMatchObject({ years: [2027], removed: [] })
  expect(await readRestDays(db)).toEqual([invierno, enero])
})

test('an import that clashes with another year is refused whole, with each clash', async () => {
  const db = await testDatabase()
  await importing(db, [invierno])
  const rows: RestPeriod[] = [
    { ...invierno, start: '2027-01-04', end: '2027-01-08', name: 'Cierre' },
    { ...invierno, start: '2027-01-01', end: '2027-01-02', name: 'Otro cierre' },
    enero,
  ]
  await expect(importing(db, rows)).rejects.toMatchObject({
    kind: 'invalid',
    faults: [{ place: '2027-01-04 Cierre' }, { place: '2027-01-01 Otro cierre' }],
  })
  expect(await readRestDays(db)).toEqual([invierno])
})

test('a day is added once; every fault of a wrong one is told, and nothing is written', async () => {
  const db = await testDatabase()
  const row = { start: '2026-12-25', name: 'Navidad', kind: 'descanso' }
  expect(await adding(db, row)).toEqual(navidad)
  await expect(adding(db, { ...row, name: 'Otra' })).rejects.toMatchObject({
    kind: 'invalid',
    faults: [{ place: 'start', message: 'repite una fecha que ya es Navidad' }],
  })
  await expect(adding(db, { start: '2026-02-30', name: '', kind: 'x' })).rejects.toMatchObject({
    kind: 'invalid',
    faults: [{ place: 'start' }, { place: 'name' }, { place: 'kind' }],
  })
  expect(await readRestDays(db)).toEqual([navidad])
})

test('of two people who add overlapping closings at once one waits, and is told of the other', async () => {
  const db = await testDatabase()
  const second = await inTransaction(db, async (tx) => {
    await addRestDay(tx, closing('2026-12-21', 'Uno'))
    const waiting = adding(db, closing('2026-12-28', 'Dos')).catch((error: unknown) => error)
    // it would read, and see nothing, while this transaction is open
    await setTimeout(300)
    return { waiting }
  })
  expect(await second.waiting).toMatchObject({
    kind: 'invalid',
    faults: [{ message: 'se encima con Uno, del 2026-12-21 al 2026-12-31' }],
  })
})

test('a day is removed by the date on which it starts; inside a period one is told where that is', async () => {
  const db = await testDatabase()
  await importing(db, [invierno, navidad])
  await expect(removing(db, '2026-12-23')).rejects.toMatchObject({
    kind: 'notFound',
    faults: [{ remedy: 'Está en Vacaciones de invierno, que empieza el 2026-12-21' }],
  })
  await expect(removing(db, '2026-07-01')).rejects.toMatchObject({ kind: 'notFound' })
  expect(await removing(db, '2026-12-25')).toEqual(navidad)
  expect(await removing(db, '2026-12-21')).toEqual(invierno)
  expect(await readRestDays(db)).toEqual([])
})

test('when a rest day and a closing start together, the kind says which one goes', async () => {
  const db = await testDatabase()
  const desdeNavidad = { ...invierno, start: '2026-12-25' }
  await importing(db, [navidad, desdeNavidad])
  await expect(removing(db, '2026-12-25')).rejects.toMatchObject({
    kind: 'usage',
    faults: [{ place: '--kind', remedy: 'Dé uno de: cerrado, descanso' }],
  })
  expect(await removing(db, '2026-12-25', 'descanso')).toEqual(navidad)
  expect(await readRestDays(db)).toEqual([desdeNavidad])
})

test.each([
  ['an end before the start', { endDate: '2026-12-24' }, '23514'],
  ['a rest day of two days', { endDate: '2026-12-26' }, '23514'],
  ['an unknown kind', { kind: 'feriado' }, '23514'],
  ['an unknown status', { status: 'quizá' }, '23514'],
  ['no name', { name: '' }, '23514'],
])('the database itself refuses %s', async (_what, wrong, code) => {
  const db = await testDatabase()
  const values = {
    startDate: '2026-12-25',
    endDate: '2026-12-25',
    name: 'Navidad',
    kind: 'descanso',
    ...wrong,
  }
  await expect(db.insertInto('restPeriod').values(values).execute()).rejects.toMatchObject({ code })
})

test('the database itself refuses a date twice and closings that overlap', async () => {
  const db = await testDatabase()
  const day = { startDate: '2026-12-25', endDate: '2026-12-25', name: 'X', kind: 'descanso' }
  const closing = { startDate: '2026-12-21', endDate: '2026-12-31', name: 'X', kind: 'cerrado' }
  await db.insertInto('restPeriod').values([day, closing]).execute()
  await expect(db.insertInto('restPeriod').values(day).execute()).rejects.toMatchObject({
    code: '23505',
  })
  await expect(
    db
      .insertInto('restPeriod')
      .values({ ...closing, startDate: '2026-12-31' })
      .execute(),
  ).rejects.toMatchObject({ code: '23P01' })
})
