/** The manual register through its acts: each is permitted, checked, written and audited in one transaction. */
import { listTopics } from '../content/topics.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { nearest, Problem, shown } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { definitionOf, figureKeys, type ReportDefinitions } from '../report/definition.ts'
import { parseQuarter } from '../report/quarter.ts'
import { readRegisterFile, writeRegisterRows, type ImportedRows } from '../report/register-file.ts'
import {
  deleteRegisterRow,
  draftOf,
  lockRegisterRow,
  insertRegisterRow,
  registerFaults,
  setFigure,
  updateRegisterRow,
  versionOf,
  type RegisterDraft,
  type RegisterKnows,
  type RegisterRow,
} from '../report/register.ts'
import type { Engine } from './engine.ts'

type RegisterEngine = Pick<Engine, 'db' | 'publications' | 'clock'>

/** Returns the id of the new row. Throws a Problem with everything that is wrong with it. */
export async function addRow(
  engine: RegisterEngine,
  definitions: ReportDefinitions,
  user: User,
  draft: RegisterDraft,
): Promise<number> {
  authorize(user, 'register.edit')
  const at = engine.clock.now()
  return inTransaction(engine.db, async (tx) => {
    await check(tx, engine, definitions, draft)
    const id = await insertRegisterRow(tx, draft, user.id, at)
    await audit(tx, {
      at,
      user,
      act: 'register.add',
      subject: `register ${id}`,
      detail: { after: draft },
    })
    return id
  })
}

/** The version of the row that somebody read and now changes; without it, whatever it says now. */
export interface AsRead {
  version?: string
}

export async function editRow(
  engine: RegisterEngine,
  definitions: ReportDefinitions,
  user: User,
  id: number,
  changes: Partial<RegisterDraft>,
  { version }: AsRead = {},
): Promise<void> {
  authorize(user, 'register.edit')
  const at = engine.clock.now()
  await inTransaction(engine.db, async (tx) => {
    const before = draftOf(await lockAsRead(tx, id, version))
    const after = { ...before, ...changes, fields: { ...before.fields, ...changes.fields } }
    await check(tx, engine, definitions, after)
    await updateRegisterRow(tx, id, after, at)
    await audit(tx, {
      at,
      user,
      act: 'register.edit',
      subject: `register ${id}`,
      detail: { before, after },
    })
  })
}

export async function removeRow(
  engine: RegisterEngine,
  user: User,
  id: number,
  { version }: AsRead = {},
): Promise<void> {
  authorize(user, 'register.edit')
  const at = engine.clock.now()
  await inTransaction(engine.db, async (tx) => {
    const before = draftOf(await lockAsRead(tx, id, version))
    await deleteRegisterRow(tx, id)
    await audit(tx, {
      at,
      user,
      act: 'register.remove',
      subject: `register ${id}`,
      detail: { before },
    })
  })
}

/** `dryRun`: says what would be written and writes nothing. Throws a Problem with every fault of the file. */
export async function importRows(
  engine: RegisterEngine,
  definitions: ReportDefinitions,
  user: User,
  file: { bytes: Uint8Array; place: string },
  { dryRun = false } = {},
): Promise<ImportedRows> {
  authorize(user, 'register.edit')
  const at = engine.clock.now()
  const knows = await known(engine.db, engine, definitions)
  const drafts = readRegisterFile(file.bytes, file.place, knows)
  const rehearsal = new Error('rehearsal')
  let imported: ImportedRows | undefined
  try {
    await inTransaction(engine.db, async (tx) => {
      const written = await writeRegisterRows(tx, drafts, user.id, at)
      const { changes } = written
      imported = written.imported
      if (dryRun) throw rehearsal
      await audit(tx, {
        at,
        user,
        act: 'register.import',
        subject: `file ${file.place}`,
        detail: { ...imported, changes },
      })
    })
  } catch (error) {
    if (error !== rehearsal) throw error
  }
  return imported!
}

export async function enterFigure(
  engine: RegisterEngine,
  definitions: ReportDefinitions,
  user: User,
  figure: { quarter: string; key: string; value: number },
): Promise<void> {
  authorize(user, 'register.edit')
  const at = engine.clock.now()
  const { name: quarter, year } = parseQuarter(figure.quarter)
  const keys = figureKeys(definitionOf(definitions, year))
  const { key, value } = figure
  if (!keys.includes(key)) {
    const guess = nearest(key, keys)
    throw new Problem('invalid', {
      place: 'cifra',
      message: 'no la pide ninguna frase, ni es una tabla',
      value: shown(key),
      remedy: guess ? `¿Quiso decir ${guess}?` : `Son: ${keys.join(', ')}`,
    })
  }
  if (value > 2_147_483_647) {
    const remedy = 'Revise cuántos dígitos tiene'
    throw new Problem('invalid', {
      place: key,
      message: 'es demasiado',
      value: shown(value),
      remedy,
    })
  }
  await inTransaction(engine.db, async (tx) => {
    await setFigure(tx, { ...figure, quarter }, user.id, at)
    await audit(tx, {
      at,
      user,
      act: 'register.figure',
      subject: `report ${quarter}`,
      detail: figure,
    })
  })
}

async function lockAsRead(tx: Db, id: number, version: string | undefined): Promise<RegisterRow> {
  const row = await lockRegisterRow(tx, id)
  if (version === undefined || version === versionOf(row)) return row
  throw new Problem('refused', {
    place: `renglón ${id}`,
    message: 'otra persona lo cambió mientras tanto',
    remedy: 'Revise cómo quedó y repita el cambio',
  })
}

async function check(
  tx: Db,
  engine: RegisterEngine,
  definitions: ReportDefinitions,
  draft: RegisterDraft,
): Promise<void> {
  const faults = registerFaults(draft, await known(tx, engine, definitions), 'renglón')
  if (faults.length > 0) throw new Problem('invalid', faults)
}

async function known(
  db: Db,
  { publications }: RegisterEngine,
  definitions: ReportDefinitions,
): Promise<RegisterKnows> {
  return {
    definitions,
    topics: new Set((await listTopics(db)).map(({ key }) => key)),
    publications: publications.map(({ slug }) => slug),
  }
}
