/** The catalogue of topics: the printed count of «temas» is over its keys, so content can name only these. */
import type { Db } from '../db/database.ts'
import { Problem, nearest, shown, type Fault } from '../errors.ts'

export async function topicFaults(db: Db, key: string | undefined): Promise<Fault[]> {
  if (key === undefined) return []
  const known = (await listTopics(db)).map((topic) => topic.key)
  if (known.includes(key)) return []
  const guess = nearest(key, known)
  return [
    {
      place: 'tema',
      message: 'no está en el catálogo',
      value: shown(key),
      remedy: guess
        ? `¿Quiso decir ${guess}?`
        : '`pregonero topics list` lo muestra; `pregonero topics add` agrega uno',
    },
  ]
}

export async function listTopics(db: Db): Promise<{ key: string; name: string }[]> {
  return db.selectFrom('topic').select(['key', 'name']).orderBy('key').execute()
}

export async function addTopic(
  db: Db,
  topic: { key: string; name: string },
  at: Date,
): Promise<void> {
  if (!/^[a-z0-9-]{3,60}$/.test(topic.key) || topic.name.trim() === '') {
    throw new Problem('invalid', {
      place: 'tema',
      message: 'no es una clave con su nombre',
      value: shown(topic.key),
      remedy: 'Use de 3 a 60 minúsculas, dígitos o guiones, y dé un nombre',
    })
  }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('topic')
    .values({ ...topic, createdAt: at })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst()
  if (Number(numInsertedOrUpdatedRows) === 1) return
  const remedy = 'Úselo como está o elija otra clave'
  throw new Problem('refused', {
    place: 'tema',
    message: 'ya está en el catálogo',
    value: shown(topic.key),
    remedy,
  })
}
