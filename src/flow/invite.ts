/** An ad-hoc mailing from one file: its edition is opened at the hour that the file says, filled and marked ready. */
import { checkContent } from '../content/check.ts'
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

/** Nothing stays behind when any of it is refused. Throws a Problem with every fault. */
export async function invite(
  engine: Engine,
  user: User,
  file: ContentFile,
  options: { confirmRepeat?: boolean } = {},
): Promise<{ edition: Edition; warnings: string[] }> {
  authorize(user, 'edition.open')
  const checked = checkContent(file.text, file.place, engine.publications)
  if (!checked.ok) throw new Problem('invalid', checked.faults)
  const { publication, body } = checked.content
  if (!publication.leavesAt) {
    throw new Problem('usage', {
      place: `${file.place} tipo`,
      message: 'no es de las que se envían a petición',
      value: shown(publication.slug),
      remedy: 'Sus ediciones las abre el planificador: use `pregonero content add`',
    })
  }
  const at = engine.clock.now()
  const nominalAt = futureHour(publication.leavesAt(body), at)
  const opened = await inTransaction(engine.db, async (tx) => {
    const edition = await openRequested(tx, publication, body, nominalAt, at)
    await audit(tx, {
      at,
      user,
      act: 'open',
      subject: `edition ${edition.id}`,
      detail: { file: file.place },
    })
    return addContent({ ...engine, db: tx }, user, file, edition.period)
  })
  try {
    return await markReady(engine, user, opened.id, options)
  } catch (error) {
    if (error instanceof Problem) await discard(engine.db, opened.id)
    throw error
  }
}

/** Named from its day and topic: `2026-11-25-taller-de-observacion`, with -2 and so on for another one. */
async function openRequested(
  tx: Db,
  publication: Publication,
  body: { muestra: boolean },
  nominalAt: Date,
  at: Date,
): Promise<Edition> {
  const latestStartAt = new Date(nominalAt.getTime() + publication.latestStartHours * 3_600_000)
  const name = [inMexicoCity(nominalAt).toISODate(), publication.topic?.(body)]
    .filter(Boolean)
    .join('-')
  for (let attempt = 1; ; attempt++) {
    const period = attempt === 1 ? name : `${name}-${attempt}`
    const slot = { publication: publication.slug, period, nominalAt, latestStartAt }
    const [edition] = await openEditions(tx, [slot], at)
    if (edition) return edition
  }
}

/** An edition that was opened a moment ago and could not be made ready leaves no trace but the audit log's. */
async function discard(db: Db, editionId: number): Promise<void> {
  await db
    .deleteFrom('edition')
    .where('id', '=', editionId)
    .where('state', '=', 'planned')
    .execute()
}
