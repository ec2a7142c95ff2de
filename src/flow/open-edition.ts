/** Opens an edition by hand, at the hour that staff chose. */
import { inMexicoCity } from '../clock.ts'
import { inTransaction } from '../db/database.ts'
import { openEditions, type Edition } from '../editions/editions.ts'
import { Problem, shown } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { periodOf } from '../schedule/cadence.ts'
import { requirePublication, type Engine } from './engine.ts'

/** `period`: for weekly publications it comes from the hour. Throws a Problem when it exists or the hour has passed. */
export async function openEdition(
  engine: Engine,
  user: User,
  slug: string,
  nominalAt: Date,
  givenPeriod?: string,
): Promise<Edition> {
  authorize(user, 'edition.open')
  const publication = requirePublication(engine, slug)
  const at = engine.clock.now()
  futureHour(nominalAt, at)
  const period = periodOf(publication.cadence, nominalAt) ?? givenPeriod
  if (period === undefined || !/^[\w-]{1,60}$/.test(period)) {
    throw new Problem('usage', {
      place: '--period',
      message: period === undefined ? 'falta' : 'no es un nombre válido',
      ...(period !== undefined && { value: shown(period) }),
      remedy: 'Dé un nombre de letras, dígitos y guiones, por ejemplo taller-diciembre',
    })
  }
  const latestStartAt = new Date(nominalAt.getTime() + publication.latestStartHours * 3_600_000)
  return inTransaction(engine.db, async (tx) => {
    const [edition] = await openEditions(
      tx,
      [{ publication: slug, period, nominalAt, latestStartAt }],
      at,
    )
    if (!edition) {
      throw new Problem('refused', {
        place: slug,
        message: 'ya hay una edición de ese periodo',
        value: shown(period),
        remedy: `\`pregonero edition list --publication ${slug}\` la muestra`,
      })
    }
    await audit(tx, {
      at,
      user,
      act: 'open',
      subject: `edition ${edition.id}`,
      detail: { period, nominalAt },
    })
    return edition
  })
}

/** The hour itself. Throws a Problem when it has passed. */
export function futureHour(hour: Date, at: Date): Date {
  if (hour > at) return hour
  throw new Problem('invalid', {
    place: 'hora de envío',
    message: 'ya pasó',
    value: inMexicoCity(hour).toFormat("d 'de' LLLL 'de' yyyy, HH:mm"),
    remedy: 'Elija una hora por venir',
  })
}
