/** `pregonero contacts` and `pregonero deliveries`: whom we may mail, and what became of it. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { addList } from '../audience/audience.ts'
import { importCsv } from '../audience/import-csv.ts'
import { inTransaction } from '../db/database.ts'
import { Problem, messageOf, nearest, shown } from '../errors.ts'
import { attemptsOf, listDeliveries } from '../ledger/search.ts'
import { normalizeAddress } from '../mail.ts'
import { audit } from '../people/audit.ts'
import { authorize } from '../people/users.ts'
import { deliveryStateNames, deliveryStates, type DeliveryState } from '../states.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  shortTime,
  table,
  wholeNumber,
  withApp,
  withUser,
} from './session.ts'

export function addContactCommands(program: Command): void {
  const contacts = examples(
    program.command('contacts').description('contacts and the lists that they belong to'),
    'contacts lists',
  )

  examples(
    contacts
      .command('lists')
      .description('lists and how many active members each has')
      .option(...jsonOption)
      .action(async ({ json }: { json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = await db
            .selectFrom('list')
            .leftJoin('listMember', (join) =>
              join.onRef('listMember.listId', '=', 'list.id').on('listMember.state', '=', 'active'),
            )
            .select([
              'list.slug',
              'list.name',
              'list.kind',
              ({ fn }) => fn.count<number>('contactId').as('members'),
            ])
            .groupBy(['list.slug', 'list.name', 'list.kind'])
            .orderBy('list.slug')
            .execute()
          answer(json, rows, () =>
            table(
              ['Lista', 'Nombre', 'Tipo', 'Activas'],
              rows.map((row) => [row.slug, row.name, row.kind, row.members]),
            ),
          )
        })
      }),
    'contacts lists',
  )

  examples(
    contacts
      .command('add-list <slug>')
      .description('add a list')
      .requiredOption('--name <name>', 'as staff know it')
      .requiredOption('--kind <kind>', 'internal (officials) or external (citizens)')
      .requiredOption(...asOption)
      .action(async (slug: string, options: { name: string; kind: string; as: string }) => {
        await withUser(options.as, async ({ db, engine }, user) => {
          authorize(user, 'lists.add')
          const { kind } = options
          if (kind !== 'internal' && kind !== 'external') {
            const remedy = 'Give internal or external'
            throw new Problem('usage', {
              place: '--kind',
              message: 'is unknown',
              value: shown(kind),
              remedy,
            })
          }
          const at = engine.clock.now()
          await inTransaction(db, async (tx) => {
            const isNew = await addList(tx, { slug, name: options.name, kind }, at)
            if (!isNew) {
              const remedy = 'Use it as it is, or choose another slug'
              throw new Problem('refused', {
                place: 'SLUG',
                message: 'the list exists',
                value: shown(slug),
                remedy,
              })
            }
            await audit(tx, {
              at,
              user,
              act: 'lists.add',
              subject: `list ${slug}`,
              detail: { kind },
            })
          })
          print(`Lista ${slug} creada.`)
        })
      }),
    "contacts add-list comunidad-iecm --name 'Comunidad IECM' --kind internal --as luis",
  )

  examples(
    contacts
      .command('import <file>')
      .description(
        'import a CSV with columns correo, nombre, lista; nothing is written when a row is wrong',
      )
      .option('--list <slug>', 'the list of every row, when the file has no column for it')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (file: string, options: { list?: string; as: string; json?: boolean }) => {
        await withUser(options.as, async ({ db, engine }, user) => {
          authorize(user, 'contacts.import')
          const text = await readText(file)
          const at = engine.clock.now()
          const result = await inTransaction(db, async (tx) => {
            const imported = await importCsv(tx, text, {
              origin: file,
              at,
              ...(options.list !== undefined && { list: options.list }),
            })
            await audit(tx, {
              at,
              user,
              act: 'contacts.import',
              subject: `file ${file}`,
              detail: imported,
            })
            return imported
          })
          answer(
            options.json,
            result,
            () =>
              `${result.rows} filas: ${result.newContacts} contactos nuevos, ${result.newMembers} altas en listas, ${result.repeated} repetidas.`,
          )
        })
      }),
    'contacts import personal.csv --as ana',
    'contacts import consejerias.csv --list consejerias --as ana',
  )

  examples(
    program
      .command('deliveries')
      .description('the ledger: who was sent what, and with which outcome')
      .option('--edition <id>', 'of one edition', wholeNumber('--edition'))
      .option('--address <address>', 'to one address')
      .option('--state <state>', deliveryStates.join(', '))
      .option(
        '--attempts <delivery>',
        'the SMTP conversations behind one delivery',
        wholeNumber('--attempts'),
      )
      .option('--limit <n>', 'rows at most', wholeNumber('--limit'), 50)
      .option(...jsonOption)
      .action(async (options: DeliveryOptions) => {
        await withApp(async ({ db }) => {
          if (options.attempts !== undefined) {
            const rows = await attemptsOf(db, options.attempts)
            answer(options.json, rows, () =>
              table(
                ['Cuándo', 'Resultado', 'Código', 'Respuesta', 'Relay', 'Message-ID'],
                rows.map((row) => [
                  shortTime(row.at),
                  deliveryStateNames[row.outcome],
                  row.smtpCode ?? '',
                  (row.smtpText ?? '').slice(0, 50),
                  row.relay,
                  row.messageId,
                ]),
              ),
            )
            return
          }
          const rows = await listDeliveries(db, deliveryFilter(options))
          answer(options.json, rows, () =>
            table(
              ['Entrega', 'Edición', 'Dirección', 'Estado', 'Intentos', 'Actualizada', 'Motivo'],
              rows.map((row) => [
                row.id,
                `${row.publication} ${row.period}`,
                row.address,
                deliveryStateNames[row.state],
                row.attempts,
                shortTime(row.updatedAt),
                (row.reason ?? '').slice(0, 40),
              ]),
            ),
          )
        })
      }),
    'deliveries --edition 12 --state rejected',
    'deliveries --address persona@iecm.mx --json',
    'deliveries --attempts 4711',
  )
}

interface DeliveryOptions {
  edition?: number
  address?: string
  state?: string
  attempts?: number
  limit: number
  json?: boolean
}

function deliveryFilter({ edition, address, state, limit }: DeliveryOptions) {
  if (state !== undefined && !deliveryStates.includes(state as DeliveryState)) {
    const guess = nearest(state, deliveryStates)
    throw new Problem('usage', {
      place: '--state',
      message: 'is not a state',
      value: shown(state),
      remedy: guess ? `Did you mean ${guess}?` : `Use one of ${deliveryStates.join(', ')}`,
    })
  }
  const normal = address === undefined ? undefined : normalizeAddress(address)
  return {
    limit,
    ...(edition !== undefined && { editionId: edition }),
    ...(normal !== undefined && { address: 'address' in normal ? normal.address : address! }),
    ...(state !== undefined && { state: state as DeliveryState }),
  }
}

/** Throws a Problem when the file cannot be read. `-` is standard input. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch (error) {
    throw new Problem('usage', {
      place: file,
      message: `no se puede leer: ${messageOf(error)}`,
      remedy: 'Revise el nombre y los permisos del archivo',
    })
  }
}
