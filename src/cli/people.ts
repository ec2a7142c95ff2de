/** `pregonero users`: who works here and with which roles. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import { audit } from '../people/audit.ts'
import { setPassword } from '../people/sessions.ts'
import { addUser, authorize, requireUser, roles, type Role } from '../people/users.ts'
import {
  answer,
  asOption,
  examples,
  jsonOption,
  print,
  table,
  withApp,
  withUser,
} from './session.ts'

export function addPeopleCommands(program: Command): void {
  const users = examples(
    program.command('users').description('staff users and their roles'),
    'users list',
  )

  examples(
    users
      .command('list')
      .description('active users')
      .option(...jsonOption)
      .action(async ({ json }: { json?: boolean }) => {
        await withApp(async ({ db }) => {
          const rows = await db
            .selectFrom('staffUser')
            .select(['login', 'name', 'email', 'roles'])
            .where('active', '=', true)
            .orderBy('login')
            .execute()
          answer(json, rows, () =>
            table(
              ['Clave', 'Nombre', 'Correo', 'Roles'],
              rows.map((row) => [row.login, row.name, row.email, row.roles.join(', ')]),
              'No hay personas usuarias: cree la primera con `pregonero users add`.',
            ),
          )
        })
      }),
    'users list',
  )

  examples(
    users
      .command('set-password <login>')
      .description(
        'the password with which a user signs in to the panel; asked for, or read from standard input',
      )
      .requiredOption(...asOption)
      .action(async (login: string, options: { as: string }) => {
        await withUser(options.as, async ({ db, engine }, actor) => {
          const password = await readPassword()
          await setPassword(db, actor, login, password, engine.clock.now())
          print(`Contraseña de ${login} puesta; sus sesiones terminaron.`)
        })
      }),
    'users set-password ana --as luis',
  )

  examples(
    users
      .command('add <login>')
      .description('add a user; the first one needs no --as')
      .requiredOption('--name <name>', 'as staff know them')
      .requiredOption('--email <address>', 'where notices and tests go')
      .requiredOption(
        '--role <roles>',
        `one or several of ${roles.join(', ')}, separated by commas`,
      )
      .option(...asOption)
      .action(
        async (
          login: string,
          options: { name: string; email: string; role: string; as?: string },
        ) => {
          await withApp(async ({ db, engine }) => {
            const at = engine.clock.now()
            const isFirst =
              (await db.selectFrom('staffUser').select('id').limit(1).execute()).length === 0
            const actor =
              isFirst && options.as === undefined ? undefined : await requireUser(db, options.as)
            if (actor) authorize(actor, 'users.add')
            const given = options.role.split(',').map((role) => role.trim()) as Role[]
            const user = await addUser(
              db,
              { login, name: options.name, email: options.email, roles: given },
              at,
            )
            await audit(db, {
              at,
              user: actor,
              act: 'users.add',
              subject: `user ${login}`,
              detail: { roles: given },
            })
            answer(false, user, () => `Persona usuaria ${user.login} (${user.roles.join(', ')}).`)
          })
        },
      ),
    "users add ana --name 'Ana Ruiz' --email ana@iecm.mx --role capturista",
    "users add luis --name 'Luis Paz' --email luis@iecm.mx --role aprobacion,operacion --as ana",
  )
}

/** One line, not shown as it is typed. */
async function readPassword(): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) process.stderr.write('Contraseña: ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY })
  try {
    for await (const line of lines) return line.trim()
    return ''
  } finally {
    lines.close()
    if (stdin.isTTY) process.stderr.write('\n')
  }
}
