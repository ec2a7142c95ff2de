/**
 * The calendar becomes editions: those of the next 14 days are opened, those that went by while nobody planned too,
 * and what is not released yet follows a changed cadence, hour, grace or rest day, saying what changed.
 */
import { sql } from 'kysely'
import { inTransaction, type Db } from '../db/database.ts'
import {
  moveEdition,
  openEditions,
  transition,
  unsealed,
  type Edition,
} from '../editions/editions.ts'
import { writeNotice } from '../notices/notices.ts'
import { audit } from '../people/audit.ts'
import { usersWithRoles } from '../people/users.ts'
import type { Publication } from '../publication.ts'
import {
  institutionalCalendar,
  type InstitutionalCalendar,
} from '../schedule/institutional-calendar.ts'
import { farthestMoveDays, plannedSlots, type PlannedSlot } from '../schedule/planned-slots.ts'
import { readRestDays } from '../schedule/rest-days.ts'
import { eachOf } from './each-of.ts'
import { titleOf, type Engine } from './engine.ts'
import { longTime, omitEdition } from './hold.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const horizonMs = 14 * dayMs

export async function openSlots(engine: Engine): Promise<void> {
  const calendar = institutionalCalendar(await readRestDays(engine.db))
  await eachOf(engine.publications, (publication) =>
    inTransaction(engine.db, (tx) => openSlotsOf(engine, tx, publication, calendar)),
  )
}

async function openSlotsOf(
  engine: Engine,
  tx: Db,
  publication: Publication,
  calendar: InstitutionalCalendar,
): Promise<void> {
  const now = engine.clock.now()
  const until = new Date(now.getTime() + horizonMs)
  // one planner at a time compares what there is with what should be
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`plan ${publication.slug}`}, 0))`.execute(
    tx,
  )
  const from = await plannedFrom(tx, publication, now, until)
  // a slot may leave within the horizon although the cadence names a later day, and a calendar that changed may have
  // put the slot of a period before today
  const slots = plannedSlots(
    publication,
    calendar,
    new Date(from.getTime() - farthestMoveDays * dayMs),
    new Date(until.getTime() + farthestMoveDays * dayMs),
  )
  const existing = await tx
    .selectFrom('edition')
    .selectAll()
    .where('publication', '=', publication.slug)
    .where('revision', '=', 0)
    .where('slotAt', '>=', from)
    .forUpdate()
    .execute()
  const byPeriod = new Map(existing.map((edition) => [edition.period, edition]))
  const missing = slots.filter(
    (slot) => slot.slotAt >= from && !byPeriod.has(slot.period) && earliestOf(slot) < until,
  )
  for (const edition of await openMissing(tx, publication, missing, now)) {
    const { id, period } = edition
    engine.log.info({ edition: id, publication: publication.slug, period }, 'edition opened')
    const omitted = missing.find((slot) => slot.period === period)?.omitted
    if (omitted !== undefined) await omitQuietly(engine, tx, edition, omitted, now)
  }
  for (const edition of existing) {
    if (edition.nominalAt <= now) continue
    const slot = slots.find((one) => one.period === edition.period)
    await follow(engine, tx, publication, edition, slot, now)
  }
}

/** From where to look: what was planned before, or now; and the horizon is remembered, only ever forward. */
async function plannedFrom(
  tx: Db,
  publication: Publication,
  now: Date,
  until: Date,
): Promise<Date> {
  const horizon = await tx
    .selectFrom('plannerHorizon')
    .select('plannedUntil')
    .where('publication', '=', publication.slug)
    .executeTakeFirst()
  await tx
    .insertInto('plannerHorizon')
    .values({ publication: publication.slug, plannedUntil: until })
    .onConflict((conflict) =>
      conflict
        .column('publication')
        .doUpdateSet({ plannedUntil: until })
        .where('plannerHorizon.plannedUntil', '<', until),
    )
    .execute()
  return horizon && horizon.plannedUntil < now ? horizon.plannedUntil : now
}

async function openMissing(
  tx: Db,
  publication: Publication,
  slots: PlannedSlot[],
  now: Date,
): Promise<Edition[]> {
  const editions = slots.map(({ period, slotAt, nominalAt, moved }) => ({
    publication: publication.slug,
    period,
    slotAt,
    nominalAt,
    latestStartAt: new Date(nominalAt.getTime() + publication.latestStartHours * hourMs),
    movedReason: moved ?? null,
  }))
  return openEditions(tx, editions, now)
}

/** Brings an edition whose hour has not come to what its slot says now. */
async function follow(
  engine: Engine,
  tx: Db,
  publication: Publication,
  edition: Edition,
  slot: PlannedSlot | undefined,
  now: Date,
): Promise<void> {
  if (edition.state === 'omitted') {
    if (slot && slot.omitted === undefined)
      await reopen(engine, tx, publication, edition, slot, now)
    return
  }
  if (!['planned', 'ready', 'approved'].includes(edition.state)) return
  const reason = slot
    ? slot.omitted
    : 'la cadencia de la publicación cambió y ya no tiene lugar en ella'
  if (reason !== undefined) {
    await omitEdition(engine, tx, edition, reason, now)
    return
  }
  await replan(engine, tx, publication, edition, slot!, now)
}

async function replan(
  engine: Engine,
  tx: Db,
  publication: Publication,
  edition: Edition,
  slot: PlannedSlot,
  now: Date,
): Promise<void> {
  const latestStartAt = slot.nominalAt.getTime() + publication.latestStartHours * hourMs
  // too late to follow: it leaves when it was going to
  if (slot.nominalAt <= now) return
  const isMoved = edition.nominalAt.getTime() !== slot.nominalAt.getTime()
  if (!isMoved && edition.latestStartAt.getTime() === latestStartAt) return
  await moveEdition(tx, edition, slot.nominalAt, publication.latestStartHours)
  const { slotAt, moved } = slot
  const changes = { slotAt, movedReason: moved ?? null }
  // the hour is under the seal; how late it may start is not
  if (isMoved) await transition(tx, edition, 'replan', { ...unsealed, ...changes })
  const detail = {
    was: edition.nominalAt,
    is: slot.nominalAt,
    latestStartAt: new Date(latestStartAt),
  }
  await audit(tx, {
    at: now,
    user: undefined,
    act: 'replan',
    subject: `edition ${edition.id}`,
    detail,
  })
  engine.log.info(
    { edition: edition.id, publication: edition.publication, ...detail },
    'edition planned again',
  )
  if (isMoved && edition.contentId !== null) await tellOfMove(engine, tx, edition, slot, now)
}

/** Whoever prepared it hears of the new hour, and that it must be marked ready for it. */
async function tellOfMove(
  engine: Engine,
  tx: Db,
  edition: Edition,
  slot: PlannedSlot,
  now: Date,
): Promise<void> {
  const title = titleOf(engine, edition)
  const staff = await usersWithRoles(tx, ['operacion', 'capturista'])
  await writeNotice(
    tx,
    {
      kind: 'replanned',
      editionId: edition.id,
      occasion: now.toISOString(),
      subject: `Cambia de hora: ${title}`,
      plainText: [
        `${title} iba a salir el ${longTime(edition.nominalAt)}; ahora sale el ${longTime(slot.nominalAt)}.`,
        ...(slot.moved === undefined ? [] : [`Motivo: ${slot.moved}.`]),
        ...(edition.sealedHash === null
          ? []
          : ['Estaba lista para la otra hora: hay que marcarla de nuevo.']),
      ].join('\n'),
    },
    staff.map((user) => user.email),
    now,
  )
}

/** A rest day that is no longer one gives its edition back. */
async function reopen(
  engine: Engine,
  tx: Db,
  publication: Publication,
  edition: Edition,
  { slotAt, nominalAt, moved }: PlannedSlot,
  now: Date,
): Promise<void> {
  if (nominalAt <= now) return
  await moveEdition(tx, edition, nominalAt, publication.latestStartHours)
  await transition(tx, edition, 'reopen', { slotAt, movedReason: moved ?? null, closedAt: null })
  await audit(tx, { at: now, user: undefined, act: 'reopen', subject: `edition ${edition.id}` })
  engine.log.info(
    { edition: edition.id, publication: publication.slug },
    'edition planned again: its day is no longer a rest day',
  )
}

/** A closed period is known long before: the agenda says so, and nobody needs a mail about it. */
async function omitQuietly(
  engine: Engine,
  tx: Db,
  edition: Edition,
  reason: string,
  now: Date,
): Promise<void> {
  await transition(tx, edition, 'omit', { ...unsealed, stateReason: reason, closedAt: now })
  await audit(tx, {
    at: now,
    user: undefined,
    act: 'omit',
    subject: `edition ${edition.id}`,
    detail: { reason },
  })
  engine.log.info(
    { edition: edition.id, publication: edition.publication, reason },
    'edition omitted',
  )
}

const earliestOf = ({ slotAt, nominalAt }: PlannedSlot): Date =>
  nominalAt < slotAt ? nominalAt : slotAt
