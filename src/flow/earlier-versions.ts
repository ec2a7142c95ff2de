/** What an edition is compared with by whoever approves it: its version approved before, and the issue sent before it. */
import { allLists } from '../audience/lists.ts'
import { readRendering } from '../editions/archive.ts'
import type { Edition } from '../editions/editions.ts'
import { audienceText, type AudienceDefinition } from '../publication.ts'
import { anybodysPage, titleOf, type Engine } from './engine.ts'
import { longTime } from './hold.ts'
import { fillSlots, slotValues } from '../render/slots.ts'

/** undefined: nobody wrote it down when it was sealed. */
export interface Version {
  subject: string
  plainText: string
  nominalAt: Date | undefined
  sender: string | undefined
  /** In words. */
  audience: string | undefined
}

export interface Comparison {
  kind: 'approved' | 'previous'
  /** What it is compared with (es). */
  title: string
  before: Version
  after: Version
}

/** Of a sealed edition; of another there is nothing to decide. */
export async function earlierVersions(engine: Engine, edition: Edition): Promise<Comparison[]> {
  const { sealedHash } = edition
  if (sealedHash === null) return []
  const after = await versionOf(engine, edition, sealedHash, {
    nominalAt: edition.nominalAt,
    sender: senderNow(engine, edition),
    audience: edition.audience as AudienceDefinition | null,
  })
  const found = [await approvedBefore(engine, edition), await previousIssue(engine, edition)]
  return found.filter((one) => one !== undefined).map((one) => ({ ...one, after }))
}

type Earlier = Omit<Comparison, 'after'>

/** What its approval wrote down, of the version that it was of. */
interface ApprovedFacts {
  sealedHash: string
  nominalAt?: string
  sender?: string
  audience?: AudienceDefinition | null
}

async function approvedBefore(engine: Engine, edition: Edition): Promise<Earlier | undefined> {
  const approval = await lastApproval(engine, edition.id, await lastReady(engine, edition.id))
  if (!approval) return undefined
  const { facts, at, name } = approval
  const before = await versionOf(engine, edition, facts.sealedHash, {
    ...facts,
    nominalAt: facts.nominalAt === undefined ? undefined : new Date(facts.nominalAt),
  })
  const title = `La versión que aprobó ${name ?? 'otra persona'} el ${longTime(at)}`
  return { kind: 'approved', title, before }
}

async function previousIssue(engine: Engine, edition: Edition): Promise<Earlier | undefined> {
  const previous = await engine.db
    .selectFrom('edition')
    .selectAll()
    .where('publication', '=', edition.publication)
    .where('id', '<>', edition.id)
    .where('firstAcceptedAt', 'is not', null)
    .where('sealedHash', 'is not', null)
    .where('nominalAt', '<=', edition.nominalAt)
    .orderBy('nominalAt', 'desc')
    .orderBy('revision', 'desc')
    .executeTakeFirst()
  if (!previous) return undefined
  const approval = await lastApproval(engine, previous.id)
  const before = await versionOf(engine, previous, previous.sealedHash!, {
    nominalAt: previous.nominalAt,
    sender: approval?.facts.sender,
    audience: previous.audience as AudienceDefinition | null,
  })
  return { kind: 'previous', title: `El envío anterior, ${titleOf(engine, previous)}`, before }
}

/** `before`: a row of the audit log. */
async function lastApproval(engine: Engine, editionId: number, before?: number) {
  let query = engine.db
    .selectFrom('auditLog')
    .leftJoin('staffUser', 'staffUser.id', 'auditLog.userId')
    .select(['auditLog.at', 'auditLog.detail', 'staffUser.name'])
    .where('subject', '=', `edition ${editionId}`)
    .where('act', '=', 'approve')
    .orderBy('auditLog.id', 'desc')
  if (before !== undefined) query = query.where('auditLog.id', '<', before)
  const row = await query.executeTakeFirst()
  return row && { at: row.at, name: row.name, facts: row.detail as ApprovedFacts }
}

/** What was approved later than this is the version as it is now. */
async function lastReady({ db }: Engine, editionId: number): Promise<number> {
  const row = await db
    .selectFrom('auditLog')
    .select('id')
    .where('subject', '=', `edition ${editionId}`)
    .where('act', '=', 'ready')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  return row?.id ?? 0
}

async function versionOf(
  engine: Engine,
  { id }: Edition,
  sealedHash: string,
  facts: {
    nominalAt?: Date | undefined
    sender?: string | undefined
    audience?: AudienceDefinition | null
  },
): Promise<Version> {
  const rendering = await readRendering(engine.db, id, sealedHash)
  const anybody = slotValues({ name: '', leaveUrl: anybodysPage(engine) })
  return {
    subject: rendering.subject,
    plainText: fillSlots(rendering, anybody).plainText,
    nominalAt: facts.nominalAt,
    sender: facts.sender,
    audience: facts.audience ? await audienceInWords(engine, facts.audience) : undefined,
  }
}

/** Lists by the names that staff gave them. */
export async function audienceInWords(
  { db }: Engine,
  audience: AudienceDefinition,
): Promise<string> {
  const names = new Map((await allLists(db)).map(({ slug, name }) => [slug, name]))
  return audienceText({ ...audience, lists: audience.lists.map((slug) => names.get(slug) ?? slug) })
}

function senderNow({ config, publications }: Engine, { publication }: Edition): string | undefined {
  const found = publications.find(({ slug }) => slug === publication)
  return found && config.senders[found.sender].from.address
}
