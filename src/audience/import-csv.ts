/**
 * A simple CSV import: the whole file is checked first; with any fault nothing is written. Columns `correo` (or
 * email, e-mail), `nombre`, `lista` (one or several separated by spaces or `|`), `grupo` (sí for a group address).
 */
import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import { Problem, messageOf, shown, type Fault } from '../errors.ts'
import { normalizeAddress } from '../mail.ts'
import { requireLists } from './audience.ts'

export interface ImportResult {
  rows: number
  newContacts: number
  newMembers: number
  /** The same address and list twice in the file. */
  repeated: number
}

interface Row {
  address: string
  name: string
  isGroup: boolean
  lists: string[]
}

const headerNames = {
  address: ['correo', 'email', 'e-mail', 'correo electrónico', 'correo electronico'],
  name: ['nombre', 'name'],
  lists: ['lista', 'listas', 'list', 'lists'],
  group: ['grupo', 'group'],
}

/** `list`: the list of every row when the file has no column for it. Throws one Problem with every fault. */
export async function importCsv(
  db: Db,
  text: string,
  options: { origin: string; list?: string; at: Date },
): Promise<ImportResult> {
  const rows = readRows(text, options)
  await requireLists(db, [...new Set(rows.flatMap((row) => row.lists))])
  return inTransaction(db, (tx) => writeRows(tx, rows, options))
}

function readRows(text: string, options: { origin: string; list?: string }): Row[] {
  let records: string[][]
  // what bytes of another encoding are read as: names would be mailed mutilated
  if (/[\0\ufffd]/.test(text)) {
    throw new Problem('invalid', {
      place: options.origin,
      message: 'no está en UTF-8',
      remedy: 'Guárdelo como CSV UTF-8',
    })
  }
  try {
    records = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      relaxColumnCount: true,
    })
  } catch (error) {
    throw new Problem('invalid', {
      place: options.origin,
      message: `no se puede leer como CSV: ${messageOf(error)}`,
      remedy: 'Guárdelo como CSV UTF-8 y revise las comillas',
    })
  }
  const header = (records[0] ?? []).map((cell) => cell.trim().toLowerCase())
  const columnOf = (names: string[]) => header.findIndex((cell) => names.includes(cell))
  const columns = {
    address: columnOf(headerNames.address),
    name: columnOf(headerNames.name),
    lists: columnOf(headerNames.lists),
    group: columnOf(headerNames.group),
  }
  if (columns.address < 0) {
    throw new Problem('invalid', {
      place: `${options.origin}, fila 1`,
      message: 'no hay columna de correo',
      value: shown(header.join(', ')),
      remedy: 'Escriba en la primera fila los encabezados: correo, nombre, lista',
    })
  }
  if (columns.lists >= 0 && options.list !== undefined) {
    throw new Problem('usage', {
      place: '--list',
      message: 'sobra: el archivo tiene su columna de lista',
      value: shown(options.list),
      remedy: 'Quite la opción o la columna',
    })
  }
  if (columns.lists < 0 && options.list === undefined) {
    throw new Problem('invalid', {
      place: `${options.origin}, fila 1`,
      message: 'no hay columna de lista',
      remedy: 'Agregue la columna lista o indique --list',
    })
  }
  const faults: Fault[] = []
  const rows = records.slice(1).flatMap((cells, index): Row[] => {
    // a spreadsheet counts its empty rows
    if (cells.every((cell) => cell.trim() === '')) return []
    const place = `${options.origin}, fila ${index + 2}`
    const written = cells[columns.address] ?? ''
    const normal = normalizeAddress(written)
    if ('reason' in normal) {
      faults.push({
        place: `${place}, correo`,
        message: `no es una dirección: ${normal.reason}`,
        value: shown(written),
        remedy: 'Corrija la dirección o quite la fila',
      })
    }
    const lists =
      columns.lists < 0
        ? [options.list!]
        : (cells[columns.lists] ?? '').split(/[\s|]+/).filter(Boolean)
    if (lists.length === 0) {
      faults.push({
        place: `${place}, lista`,
        message: 'está vacía',
        remedy: 'Escriba la clave de la lista',
      })
    }
    return [
      {
        address: 'address' in normal ? normal.address : '',
        name: (cells[columns.name] ?? '').replace(/\s+/g, ' ').trim().slice(0, 200),
        isGroup: /^(s[ií]|true|1|x)$/i.test((cells[columns.group] ?? '').trim()),
        lists,
      },
    ]
  })
  if (rows.length === 0) {
    faults.push({
      place: options.origin,
      message: 'no tiene filas',
      remedy: 'Agregue una fila por persona',
    })
  }
  if (faults.length > 0) throw new Problem('invalid', faults)
  return rows
}

/** That of the first row: in a file with semicolons a comma belongs to a name. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split(/[\r\n]/, 1)
  return [';', '\t'].find((candidate) => header.includes(candidate)) ?? ','
}

async function writeRows(
  tx: Db,
  rows: Row[],
  options: { origin: string; at: Date },
): Promise<ImportResult> {
  const unique = [...new Map(rows.map((row) => [row.address, row])).values()]
  const contacts = await sql<{ id: number; address: string }>`
    INSERT INTO contact (address, name, is_group, created_at)
    SELECT address, name, is_group, ${options.at}
    FROM unnest(${unique.map((row) => row.address)}::text[], ${unique.map((row) => row.name)}::text[],
      ${unique.map((row) => row.isGroup)}::boolean[]) AS given (address, name, is_group)
    ON CONFLICT (address) DO NOTHING
    RETURNING id`.execute(tx)
  const memberships = rows.flatMap((row) =>
    row.lists.map((list) => ({ address: row.address, list })),
  )
  const uniqueMemberships = [
    ...new Map(memberships.map((member) => [`${member.list} ${member.address}`, member])).values(),
  ]
  // a person who left is not brought back: the conflict keeps the state that is there
  const members = await sql`
    INSERT INTO list_member (list_id, contact_id, origin, since)
    SELECT list.id, contact.id, ${options.origin}, ${options.at}
    FROM unnest(${uniqueMemberships.map((member) => member.address)}::text[],
      ${uniqueMemberships.map((member) => member.list)}::text[]) AS given (address, slug)
    JOIN contact USING (address) JOIN list USING (slug)
    ON CONFLICT (list_id, contact_id) DO NOTHING`.execute(tx)
  return {
    rows: rows.length,
    newContacts: contacts.rows.length,
    newMembers: Number(members.numAffectedRows ?? 0),
    repeated: memberships.length - uniqueMemberships.length,
  }
}
