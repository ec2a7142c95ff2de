/** `pregonero adopt`: a person looks at what a restored, cloned or moved database would send, and lets it. */
import type { Command } from 'commander'
import type { App } from '../app.ts'
import { inTransaction } from '../db/database.ts'
import { adopt, homeDifferences, type HomePart } from '../db/restore-guard.ts'
import type { Edition } from '../editions/editions.ts'
import { Problem } from '../errors.ts'
import { titleOf, type Engine } from '../flow/engine.ts'
import { decide } from '../flow/plan.ts'
import { totalsOfMany } from '../ledger/totals.ts'
import { audit } from '../people/audit.ts'
import { authorize, type User } from '../people/users.ts'
import { editionStateNames, unfinishedOf, type Totals } from '../states.ts'
import { asOption, examples, print, shortTime, table, withUser } from './session.ts'

const partNames: Record<HomePart, string> = {
  system: 'Servidor PostgreSQL (identificador del sistema)',
  timeline: 'Línea de tiempo del servidor (recuperación o promoción)',
  database: 'Base de datos (oid)',
  table: 'Tabla instance (oid)',
  host: 'Dirección pública (PUBLIC_URL)',
}

export function addAdoptCommand(program: Command): void {
  examples(
    program
      .command('adopt')
      .description('let a database that was restored, cloned or moved here plan and send again')
      .option('--confirm', 'do it; without this, see what differs and what would leave')
      .requiredOption(...asOption)
      .action(async ({ as, confirm }: { as: string; confirm?: boolean }) => {
        await withUser(as, async (app, user) => {
          authorize(user, 'instance.adopt')
          if (confirm) await adoptHere(app, user)
          else await showAndRefuse(app)
        })
      }),
    'adopt --as luis',
    'adopt --as luis --confirm',
  )
}

async function showAndRefuse({ db, engine }: App): Promise<void> {
  const differences = await homeDifferences(db, engine.config.publicUrl)
  print(
    table(
      ['Qué difiere', 'Donde se adoptó', 'Aquí'],
      differences.map(({ part, was, is }) => [partNames[part], was, is]),
      'Nada difiere de donde se adoptó.',
    ),
  )
  print('\nAl adoptarla, las ediciones que salen o siguen por sí mismas:')
  print(await openEditionsTable(engine))
  const { notices } = await db
    .selectFrom('notice')
    .select(({ fn }) => fn.countAll<number>().as('notices'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  print(`Avisos al personal que saldrían: ${notices}.\n`)
  throw new Problem('refused', {
    place: 'adopt',
    message: 'no se cambió nada',
    remedy:
      'Cancele con `pregonero edition cancel ID` lo que no deba salir y detenga toda otra copia; ' +
      'después repita con --confirm',
  })
}

async function openEditionsTable(engine: Engine): Promise<string> {
  const editions = await engine.db
    .selectFrom('edition')
    .selectAll()
    .where('state', 'in', ['ready', 'approved', 'sending', 'held'])
    .orderBy('nominalAt')
    .orderBy('id')
    .execute()
  const totals = await totalsOfMany(
    engine.db,
    editions.map(({ id }) => id),
  )
  return table(
    ['Id', 'Edición', 'Hora', 'Estado', 'Qué pasaría'],
    editions.map((edition) => [
      edition.id,
      titleOf(engine, edition),
      shortTime(edition.nominalAt),
      editionStateNames[edition.state],
      whatWouldHappen(engine, edition, totals.get(edition.id)),
    ]),
    'Ninguna.',
  )
}

function whatWouldHappen(engine: Engine, edition: Edition, totals: Totals | undefined): string {
  if (edition.state === 'sending')
    return `sigue: ${totals ? unfinishedOf(totals) : 0} direcciones por enviar`
  const now = engine.clock.now()
  const publication = engine.publications.find(({ slug }) => slug === edition.publication)
  const next = decide(edition, publication, now)
  if (next.act === 'omit') return `no sale: ${next.reason}`
  if (next.act !== 'release') return 'espera a una persona'
  return `sale ${edition.nominalAt > now ? 'a su hora' : 'de inmediato'}: ${edition.expectedRecipients} direcciones`
}

async function adoptHere({ db, engine }: App, user: User): Promise<void> {
  const { previousId, id } = await inTransaction(db, async (tx) => {
    const adopted = await adopt(tx, engine.config.publicUrl)
    await audit(tx, {
      at: engine.clock.now(),
      user,
      act: 'instance.adopt',
      subject: 'instance',
      detail: adopted,
    })
    return adopted
  })
  print(
    `Base de datos adoptada: su instancia era ${previousId} y es ${id}.\n` +
      'Los procesos que se inicien desde ahora planifican y envían.',
  )
}
