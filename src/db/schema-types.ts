/**
 * Writes src/db/schema.ts from the database's own catalogue (`npm run schema`); a test holds the two together.
 * kysely-codegen does this for TypeScript up to 6: it calls the compiler's JavaScript API, which 7 does not have.
 */
import { sql } from 'kysely'
import type { Db } from './database.ts'

const types: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  text: 'string',
  uuid: 'string',
  timestamptz: 'Date',
  date: 'string',
  jsonb: 'Json',
  _text: 'string[]',
  _int8: 'number[]',
  _date: 'string[]',
  bytea: 'Buffer',
  _bytea: 'Buffer[]',
}

/** Columns whose CHECK holds a vocabulary of src/states.ts or src/config.ts. */
const vocabularies: Record<string, string> = {
  'instance.environment': 'Environment',
  'edition.state': 'EditionState',
  'delivery.state': 'DeliveryState',
  'edition_tally.state': 'DeliveryState',
  'attempt.outcome': 'Outcome',
  'attempt.phase': 'Phase',
  'suppression.reason': 'SuppressionReason',
}

interface Column {
  table: string
  column: string
  type: string
  nullable: boolean
  generated: boolean
}

export async function schemaTypes(db: Db): Promise<string> {
  const { rows } = await sql<Column>`
    SELECT table_name AS "table", column_name AS "column", udt_name AS "type", is_nullable = 'YES' AS "nullable",
      column_default IS NOT NULL OR is_identity = 'YES' AS "generated"
    FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'schema_migration'
    ORDER BY table_name, ordinal_position`.execute(db)
  const tables = Map.groupBy(rows, (row) => row.table)
  return [
    '// Written by `npm run schema` from the migrations. Do not edit.',
    "import type { ColumnType, Generated } from 'kysely'",
    "import type { Environment } from '../config.ts'",
    "import type { DeliveryState, EditionState, Outcome, Phase, SuppressionReason } from '../states.ts'",
    '',
    '// written as JSON text, read as what it holds',
    'type Json = ColumnType<object, string, string>',
    'type NullableJson = ColumnType<object | null, string | null | undefined, string | null>',
    'type DefaultedJson = ColumnType<object, string | undefined, string>',
    '',
    ...[...tables].map(([table, columns]) => interfaceOf(table, columns)),
    'export interface DB {',
    ...[...tables.keys()].map((table) => `  ${camelCase(table)}: ${pascalCase(table)}Table`),
    '}',
    '',
  ].join('\n')
}

function interfaceOf(table: string, columns: Column[]): string {
  return [
    `export interface ${pascalCase(table)}Table {`,
    ...columns.map((column) => `  ${camelCase(column.column)}: ${typeOf(column)}`),
    '}',
    '',
  ].join('\n')
}

function typeOf({ table, column, type, nullable, generated }: Column): string {
  const base = vocabularies[`${table}.${column}`] ?? types[type]
  if (!base)
    throw new Error(
      `No TypeScript type for ${type} of ${table}.${column}: add it to src/db/schema-types.ts`,
    )
  if (base === 'Json') return nullable ? 'NullableJson' : generated ? 'DefaultedJson' : 'Json'
  const value = nullable ? `${base} | null` : base
  return generated ? `Generated<${value}>` : value
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const pascalCase = (name: string): string => camelCase(`_${name}`)
