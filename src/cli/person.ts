/** `pregonero person`: what we hold of one person, and the rights that the person has over it. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Problem, messageOf, shown } from '../errors.ts'
import { blockPerson, erasePerson, unblockPerson } from '../flow/cancel-person.ts'
import { accesses, rectify, type Rectification } from '../flow/person.ts'
import { personFile, type PersonFile } from '../flow/person-file.ts'
import { personPage } from '../flow/person-page.ts'
import { accessActs } from '../people/accesses.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  oneOf,
  print,
  shortTime,
  table,
  withUser,
} from './session.ts'
import { addSuppressionCommands } from './suppressions.ts'

const reasonOption = ['--reason <text>', 'why, for the record; name nobody in it'] as const

export function addPersonCommands(program: Command): void {
  const person = examples(
    program
      .command('person')
      .description(
        'one person: what we hold, and their rights over it (every look is written down)',
      ),
    'person show persona@example.org --as eva',
  )
  addLooks(person)
  addRights(person)
  addSuppressionCommands(person)
}

function addLooks(person: Command): void {
  examples(
    person
      .command('show <address>')
      .description('a summary; the audit log names a person by a number, which does as well')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (address: string, options: { as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const file = await personFile(engine, user, address, 'person.show')
          const summary = summaryOf(file)
          answer(options.json, summary, () => summaryText(file, summary))
        })
      }),
    'person show persona@example.org --as eva',
    'person show 4711 --as eva',
  )

  examples(
    person
      .command('export <address>')
      .description('everything that we hold of them, to be given to them')
      .requiredOption('--format <format>', 'json, or html to be read and printed')
      .option('--out <file>', 'where; readable by you alone')
      .requiredOption(...asOption)
      .action(async (address: string, options: { format: string; out?: string; as: string }) => {
        const format = oneOf('--format', options.format, ['json', 'html'])
        await withUser(options.as, async ({ engine }, user) => {
          const file = await personFile(engine, user, address, 'person.export')
          const text = format === 'html' ? personPage(file) : `${JSON.stringify(file, null, 2)}\n`
          if (options.out === undefined) return print(text)
          await writePrivately(options.out, text)
          print(`Expediente escrito en ${options.out}. Entréguelo y bórrelo.`)
        })
      }),
    'person export persona@example.org --format html --out expediente.html --as eva',
    'person export persona@example.org --format json --as eva > expediente.json',
  )

  examples(
    person
      .command('accesses <address>')
      .description('who looked at them and when; of a person who was erased, by number')
      .requiredOption(...asOption)
      .option(...jsonOption)
      .action(async (address: string, options: { as: string; json?: boolean }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const rows = await accesses(engine, user, address)
          answer(options.json, rows, () =>
            table(
              ['Cuándo', 'Quién', 'Acto'],
              rows.map((row) => [shortTime(row.at), row.login, accessActs[row.act]]),
            ),
          )
        })
      }),
    'person accesses persona@example.org --as eva',
  )
}

function addRights(person: Command): void {
  examples(
    person
      .command('rectify <address>')
      .description('mend what we hold of them')
      .option('--name <name>', "their name; '' takes it away")
      .option('--address <address>', 'their new address, which must be nobody’s')
      .option('--country <code>', "two letters, as US; '' takes it away")
      .requiredOption(...reasonOption)
      .requiredOption(...asOption)
      .action(async (address: string, options: Rectification & { reason: string; as: string }) => {
        const { reason, as, ...change } = options
        await withUser(as, async ({ engine }, user) => {
          const { contact, readdressed, excludedBy } = await rectify(
            engine,
            user,
            address,
            change,
            reason,
          )
          print(`Persona ${contact.id} rectificada.`)
          if (readdressed > 0)
            print(`${readdressed} envíos que estaban en cola van a la dirección nueva.`)
          if (excludedBy.length > 0) print(`No se le escribe: ${excludedBy.join('; ')}.`)
        })
      }),
    "person rectify persona@example.org --name 'Ana Ruiz' --reason 'solicitud ARCO 12' --as eva",
    "person rectify persona@example.org --address ana@example.com --reason 'cambió de correo' --as eva",
  )

  examples(
    person
      .command('block <address>')
      .description('first step of cancellation: out of every list, kept and not used')
      .requiredOption(...reasonOption)
      .requiredOption(...asOption)
      .action(async (address: string, options: { reason: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const { eraseAfter, withheld } = await blockPerson(engine, user, address, options.reason)
          print(
            `Datos bloqueados; ${withheld} envíos en curso detenidos. Se suprimen solos desde el ${shortTime(eraseAfter)}.`,
          )
        })
      }),
    "person block persona@example.org --reason 'solicitud ARCO 12' --as eva",
  )

  examples(
    person
      .command('unblock <address>')
      .description('the cancellation is withdrawn: back to the lists that blocking took them off')
      .requiredOption(...reasonOption)
      .requiredOption(...asOption)
      .action(async (address: string, options: { reason: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          const lists = await unblockPerson(engine, user, address, options.reason)
          print(
            `Bloqueo retirado; vuelve a ${lists.length} listas. Lo que se detuvo no se le envía.`,
          )
        })
      }),
    "person unblock persona@example.org --reason 'retiró su solicitud' --as eva",
  )

  examples(
    person
      .command('erase <address>')
      .description('second step of cancellation; the planner does it when the term has passed')
      .option('--now', 'without waiting for the term: the audit log says so')
      .requiredOption(...reasonOption)
      .requiredOption(...asOption)
      .action(async (address: string, options: { now?: boolean; reason: string; as: string }) => {
        await withUser(options.as, async ({ engine }, user) => {
          await erasePerson(engine, user, address, options)
          print('Datos suprimidos. Las cifras de los informes no cambian.')
        })
      }),
    "person erase persona@example.org --now --reason 'orden de la Unidad de Transparencia' --as eva",
  )
}

/** A file that nobody else on the machine can read. */
async function writePrivately(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw new Problem('usage', {
      place: '--out',
      message: `no se puede escribir: ${messageOf(error)}`,
      value: shown(path),
      remedy: 'Dé el nombre de un archivo que no exista, en una carpeta que sí',
    })
  }
}

interface Summary extends Pick<PersonFile, 'persona' | 'listas' | 'exclusiones'> {
  envios: Record<string, number>
}

function summaryOf({ persona, listas, exclusiones, envios }: PersonFile): Summary {
  const byOutcome = Map.groupBy(envios, ({ resultado }) => resultado)
  return {
    persona,
    listas,
    exclusiones,
    envios: Object.fromEntries([...byOutcome].map(([name, rows]) => [name, rows.length])),
  }
}

function summaryText({ direcciones }: PersonFile, summary: Summary): string {
  const { persona, listas, exclusiones, envios } = summary
  return [
    table(
      ['', persona ? `Persona ${persona.numero}` : 'Nadie de las listas'],
      persona
        ? [
            ['Dirección', direcciones.join(', ')],
            ['Nombre', persona.nombre],
            ['País', persona.pais ?? ''],
            ['Etiquetas', persona.etiquetas.join(', ')],
            ['Clase', persona.esGrupo ? 'dirección de grupo' : ''],
            ['Registrada', shortTime(persona.registrada)],
            ['Bloqueada', shortTime(persona.bloqueada)],
            ['Se suprime desde', shortTime(persona.sePuedeSuprimirDesde)],
          ].filter((row) => row[1] !== '')
        : [['Dirección', direcciones.join(', ')]],
    ),
    table(
      ['Lista', 'Estado', 'Desde', 'Origen', 'Consentimiento'],
      listas.map((one) => [
        one.lista,
        one.estado,
        shortTime(one.desde),
        one.origen,
        one.consentimiento ?? '',
      ]),
      'En ninguna lista.',
    ),
    table(
      ['No se le escribe', 'Alcance', 'Desde', 'Nota'],
      exclusiones.map((one) => [one.motivo, one.alcance, shortTime(one.fecha), one.nota]),
      'Sin exclusiones.',
    ),
    table(['Envíos', ''], Object.entries(envios), 'Sin envíos.'),
  ].join('\n')
}
