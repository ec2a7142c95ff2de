/**
 * What an import would do, by statements over its staged rows: the same that confirms it. A person is one address; the
 * first of her rows counts, and her lists and tags are those of all of them.
 */
import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { sha256Hex } from '../hash.ts'
import { displayAddress } from '../mail.ts'
import type { ImportSummary } from './import-record.ts'

/** In the order in which staff look at them, one at a time. */
export const remarkClasses = ['invalid', 'doubtful', 'duplicates', 'left', 'suppressed'] as const
export type RemarkClass = (typeof remarkClasses)[number]

/** A line of the report file. */
export interface Remark {
  class: RemarkClass
  fila: number
  columna: string
  valor: string
  motivo: string
  sugerencia: string
}

/** Rows that can be imported. */
const good = (importId: number) => sql`
  SELECT * FROM contact_import_row
  WHERE import_id = ${importId} AND address IS NOT NULL AND NOT faults @> '[{"excluye": true}]'`

/**
 * Weighs each person and membership of the import against what there is, into tables of this transaction: what is new,
 * and what is left out and why. They are gone with the transaction.
 */
export async function weigh(tx: Db, importId: number): Promise<void> {
  // 4 MB, the usual, would sort a large file on disk
  await sql`SET LOCAL work_mem = '64MB'`.execute(tx)
  await sql`DROP TABLE IF EXISTS pg_temp.import_person, pg_temp.import_ban, pg_temp.import_membership`.execute(
    tx,
  )
  await sql`
    CREATE TEMP TABLE import_person (address text PRIMARY KEY, row_number int, name text, country text,
      is_group boolean, tags text[], contact_id bigint, refused text) ON COMMIT DROP`.execute(tx)
  await sql`
    CREATE TEMP TABLE import_ban (address text, scope text, list_id bigint, reason text) ON COMMIT DROP`.execute(
    tx,
  )
  await sql`
    CREATE TEMP TABLE import_membership (address text, list_id bigint, outcome text, reason text) ON COMMIT DROP`.execute(
    tx,
  )
  await sql`
    WITH good AS (${good(importId)}),
    tagged AS (SELECT address, array_agg(DISTINCT tag ORDER BY tag) AS tags
      FROM good CROSS JOIN unnest(tags) AS tag GROUP BY 1),
    folded AS (SELECT address, min(row_number) AS row_number,
      (array_agg(name ORDER BY row_number) FILTER (WHERE name <> ''))[1] AS name,
      (array_agg(country ORDER BY row_number) FILTER (WHERE country IS NOT NULL))[1] AS country,
      bool_or(is_group) AS is_group
      FROM good GROUP BY 1)
    INSERT INTO import_person
    SELECT address, row_number, coalesce(folded.name, ''), folded.country, folded.is_group,
      coalesce(tagged.tags, '{}'), coalesce(contact.id, former.contact_id), CASE WHEN contact.blocked_at IS NOT NULL THEN 'blocked' END
    FROM folded LEFT JOIN tagged USING (address) LEFT JOIN contact USING (address)
    LEFT JOIN former_address former USING (address)`.execute(tx)
  await sql`
    INSERT INTO import_ban
    SELECT p.address, s.scope, s.list_id, s.reason FROM import_person p JOIN suppression s USING (address)
    UNION
    SELECT good.address, s.scope, s.list_id, s.reason
    FROM (${good(importId)}) good CROSS JOIN unnest(address_hashes) AS hash JOIN suppression s ON s.address_hash = hash`.execute(
    tx,
  )
  await sql`
    UPDATE import_person p SET refused = ban.reason
    FROM import_ban ban WHERE ban.address = p.address AND ban.reason IN ('erased', 'blocked')`.execute(
    tx,
  )
  await sql`
    WITH banned AS (
      SELECT DISTINCT ON (ban.address, list.id) ban.address, list.id AS list_id, ban.reason
      FROM import_ban ban JOIN list ON ban.scope = 'all' OR ban.list_id = list.id
        OR (ban.scope = 'external' AND list.kind = 'external')
      ORDER BY 1, 2, ban.reason = 'unsubscribed' DESC, ban.reason),
    given AS (SELECT DISTINCT address, list.id AS list_id
      FROM (${good(importId)}) good CROSS JOIN unnest(good.lists) AS slug JOIN list USING (slug))
    INSERT INTO import_membership
    SELECT p.address, given.list_id,
      CASE
        WHEN p.refused IS NOT NULL THEN 'refused'
        WHEN m.state = 'left' OR (m.state IS NULL AND banned.reason = 'unsubscribed') THEN 'left'
        WHEN m.state = 'active' THEN 'already'
        WHEN banned.reason IS NOT NULL THEN 'suppressed'
        ELSE 'new'
      END, coalesce(p.refused, banned.reason)
    FROM given JOIN import_person p USING (address)
    LEFT JOIN list_member m ON m.contact_id = p.contact_id AND m.list_id = given.list_id
    LEFT JOIN banned ON banned.address = p.address AND banned.list_id = given.list_id`.execute(tx)
  await sql`ANALYZE import_person`.execute(tx)
  await sql`ANALYZE import_membership`.execute(tx)
}

/** Of what was weighed in this transaction. */
export async function summarise(tx: Db, importId: number): Promise<ImportSummary> {
  const { rows } = await sql<Omit<ImportSummary, 'lists' | 'completedContacts'>>`
    WITH row_counts AS (
      SELECT count(*) AS rows,
        count(*) FILTER (WHERE address IS NULL OR faults @> '[{"excluye": true}]') AS invalid,
        count(*) FILTER (WHERE address IS NOT NULL AND faults <> '[]'
          AND NOT faults @> '[{"excluye": true}]') AS doubtful
      FROM contact_import_row WHERE import_id = ${importId}),
    people AS (SELECT count(*) AS people FROM import_person),
    new_people AS (
      SELECT count(*) AS new_contacts FROM import_person p
      WHERE contact_id IS NULL AND EXISTS (
        SELECT FROM import_membership m WHERE m.address = p.address AND outcome = 'new')),
    memberships AS (
      SELECT count(DISTINCT address) FILTER (WHERE outcome = 'left') AS "left",
        count(DISTINCT address) FILTER (WHERE outcome IN ('suppressed', 'refused')) AS suppressed,
        count(*) FILTER (WHERE outcome = 'new') AS new_members,
        count(*) FILTER (WHERE outcome = 'already') AS already_members
      FROM import_membership)
    SELECT rows, invalid, doubtful, rows - invalid - people AS duplicates, "left", suppressed, new_contacts,
      new_members, already_members
    FROM row_counts, people, new_people, memberships`.execute(tx)
  const { rows: lists } = await sql<ImportSummary['lists'][number]>`
    SELECT slug, kind, count(*) AS new_members FROM import_membership JOIN list ON list.id = list_id
    WHERE outcome = 'new' GROUP BY list.id ORDER BY slug`.execute(tx)
  return { ...rows[0]!, completedContacts: 0, lists }
}

/** Another one when any row would do anything else; of what was weighed in this transaction. */
export async function outcomeHash(tx: Db, summary: ImportSummary): Promise<string> {
  const { rows } = await sql<{ outcomes: string }>`
    SELECT concat_ws(' ',
      (SELECT bit_xor(hashtextextended(jsonb_build_array(address, contact_id IS NULL)::text, 0)) FROM import_person),
      (SELECT bit_xor(hashtextextended(jsonb_build_array(address, list_id, outcome, reason)::text, 0))
        FROM import_membership)) AS outcomes`.execute(tx)
  return sha256Hex(JSON.stringify([summary, rows[0]!.outcomes]))
}

/** Everything that there is to say of the rows, in the order of the file; of what was weighed in this transaction. */
const remarks = (importId: number) => sql<Remark>`
  SELECT CASE WHEN (fault->>'excluye')::boolean THEN 'invalid' ELSE 'doubtful' END AS class, row_number AS fila,
    fault->>'columna' AS columna, fault->>'valor' AS valor, fault->>'motivo' AS motivo,
    fault->>'sugerencia' AS sugerencia
  FROM contact_import_row CROSS JOIN jsonb_array_elements(faults) AS fault WHERE import_id = ${importId}
  UNION ALL
  SELECT 'duplicates', good.row_number, 'correo', address, 'está repetida: se usa la fila ' || p.row_number,
    'Puede quitarse: sus listas y etiquetas se reúnen'
  FROM (${good(importId)}) good JOIN import_person p USING (address) WHERE good.row_number <> p.row_number
  UNION ALL
  SELECT 'left', p.row_number, 'correo', address, 'se dio de baja de ' || slug || ': no se vuelve a suscribir',
    'Solo la propia persona puede volver a suscribirse'
  FROM import_membership m JOIN import_person p USING (address) JOIN list ON list.id = m.list_id
  WHERE outcome = 'left'
  UNION ALL
  SELECT 'suppressed', p.row_number, 'correo', address, 'no se le escribe' || CASE outcome
      WHEN 'suppressed' THEN ' (' || slug || ')' ELSE '' END || ': ' || CASE m.reason
      WHEN 'bounced' THEN 'su dirección rechaza el correo'
      WHEN 'complaint' THEN 'marcó un correo como no deseado'
      WHEN 'staff' THEN 'por decisión del área'
      ELSE 'la persona pidió que no se usen sus datos' END,
    'Quite la fila'
  FROM import_membership m JOIN import_person p USING (address) JOIN list ON list.id = m.list_id
  WHERE outcome IN ('suppressed', 'refused')`

/** The first of each class, for a person to look at. */
export async function firstRemarks(tx: Db, importId: number, each: number): Promise<Remark[]> {
  const { rows } = await sql<Remark>`
    SELECT class, fila, columna, valor, motivo, sugerencia FROM (
      SELECT *, row_number() OVER (PARTITION BY class ORDER BY fila, motivo) AS place
      FROM (${remarks(importId)}) AS remark) AS placed
    WHERE place <= ${each} ORDER BY array_position(${remarkClasses}::text[], class), fila`.execute(
    tx,
  )
  return rows.map(shownRemark)
}

/** All of them, some at a time: neither they nor the rows are held in memory. */
export async function* allRemarks(tx: Db, importId: number): AsyncGenerator<Remark[]> {
  await sql`
    CREATE TEMP TABLE IF NOT EXISTS import_remark (class text, fila int, columna text, valor text, motivo text,
      sugerencia text, place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY) ON COMMIT DROP`.execute(
    tx,
  )
  await sql`TRUNCATE import_remark`.execute(tx)
  await sql`
    INSERT INTO import_remark (class, fila, columna, valor, motivo, sugerencia)
    SELECT * FROM (${remarks(importId)}) AS remark ORDER BY fila, motivo`.execute(tx)
  for (let last = 0; ;) {
    const { rows } = await sql<Remark & { place: number }>`
      SELECT * FROM import_remark WHERE place > ${last} ORDER BY place LIMIT ${remarksAtATime}`.execute(
      tx,
    )
    if (rows.length === 0) return
    yield rows.map(shownRemark)
    last = rows.at(-1)!.place
  }
}

const remarksAtATime = 5000

const shownRemark = (remark: Remark): Remark =>
  remark.columna === 'correo' && remark.class !== 'invalid'
    ? { ...remark, valor: displayAddress(remark.valor) }
    : remark
