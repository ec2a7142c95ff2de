/** An ad-hoc mailing from one file: its edition is opened at the hour that the file says, filled and marked ready. */
import { checkContent, type CheckedContent } from '../content/check.ts'
import { inMexicoCity } from '../clock.ts'
import { inTransaction, type Db } from '../db/database.ts'
import { openEditions, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import type { Publication } from '../publication.ts'
import { addContent, type ContentFile } from './add-content.ts'
import type { Engine } from './engine.ts'
import { markReady } from './mark-ready.ts'
import { futureHour } from './open-edition.ts'
import { wakePlanner } from './wake-planner.ts'

export interface Invited {
  edition: Edition
  warnings: string[]
}

/** `draft`: id of what was written in the panel, by which its edition is found again. */
export interface InviteOptions {
  confirmRepeat?: boolean | string
  draft?: number
}

/** All in one transaction: nothing stays behind when any of it is refused. Throws a Problem with every fault. */
export async function invite(
  engine: Engine,
  user: User,
  file: ContentFile,
  { draft, ...options }: InviteOptions = {},
): Promise<Invited> {
  authorize(user, 'edition.open')
  const { publication, body } = onRequest(engine, file)
  const at = engine.clock.now()
  const nominalAt = futureHour(publication.leavesAt!(body), at)
  const invited = await inTransaction(engine.db, async (tx) => {
    const edition = await openRequested(tx, publication, body, nominalAt, at)
    await audit(tx, {
      at,
      user,
      act: 'open',
      subject: `edition ${edition.id}`,
      detail: { file: file.place, ...(draft !== undefined && { draft }) },
    })
    const own = { ...engine, db: tx }
    const { id } = await addContent(own, user, { ...file, editionId: edition.id })
    return markReady(own, user, id, options)
  })
  // the planner that marking it ready woke could not see it before its transaction ended
  await wakePlanner(engine)
  return invited
}

function onRequest(engine: Engine, { text, place }: ContentFile): CheckedContent {
  const checked = checkContent(text, place, engine.publications)
  if (!checked.ok) throw new Problem('invalid', checked.faults)
  const { publication } = checked.content
  if (publication.leavesAt) return checked.content
  throw new Problem('usage', {
    place: `${place} tipo`,
    message: 'no es de las que se envían a petición',
    value: shown(publication.slug),
    remedy: 'Sus ediciones las abre el planificador: use `pregonero content add`',
  })
}

async function openRequested(
  tx: Db,
  publication: Publication,
  body: { muestra: boolean },
  nominalAt: Date,
  at: Date,
): Promise<Edition> {
  const latestStartAt = new Date(nominalAt.getTime() + publication.latestStartHours * 3_600_000)
  const name = requestedPeriod(publication, body, nominalAt)
  for (let attempt = 1; ; attempt++) {
    const period = attempt === 1 ? name : `${name}-${attempt}`
    const slot = { publication: publication.slug, period, nominalAt, latestStartAt }
    const [edition] = await openEditions(tx, [slot], at)
    if (edition) return edition
  }
}

/** Named from its day and topic: `2026-11-25-taller-de-observacion`; another one has -2 and so on besides. */
export function requestedPeriod(
  publication: Publication,
  body: { muestra: boolean },
  nominalAt: Date,
): string {
  return [inMexicoCity(nominalAt).toISODate(), publication.topic?.(body)].filter(Boolean).join('-')
}
