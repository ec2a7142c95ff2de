/** `pregonero users`: who works here and with which roles. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import type { Engine } from '../flow/engine.ts'
import { longTime } from '../flow/hold.ts'
import {
  addAccount,
  deactivateAccount,
  editAccount,
  reactivateAccount,
  resetPassword,
  type LinkedAccount,
} from '../flow/users.ts'
import { panelPaths } from '../http/panel/route.ts'
import { linkTo } from '../links.ts'
import { accountId } from '../people/accounts.ts'
import { requireUser, roles, type Role } from '../people/users.ts'
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
        await withUser(options.as, async ({ engine }, actor) => {
          const password = await readPassword()
          await resetPassword(engine, actor, login, password)
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
            const isFirst =
              (await db.selectFrom('staffUser').select('id').limit(1).execute()).length === 0
            const actor =
              isFirst && options.as === undefined ? undefined : await requireUser(db, options.as)
            const { name, email } = options
            const added = await addAccount(engine, actor, {
              login,
              name,
              email,
              roles: rolesOf(options.role),
            })
            const { user } = added
            answer(
              false,
              user,
              () =>
                `Persona usuaria ${user.login} (${user.roles.join(', ')}).\n${linkOf(engine, added)}`,
            )
          })
        },
      ),
    "users add ana --name 'Ana Ruiz' --email ana@iecm.mx --role capturista",
    "users add luis --name 'Luis Paz' --email luis@iecm.mx --role aprobacion,operacion --as ana",
  )

  examples(
    users
      .command('edit <login>')
      .description('name, address or roles; whose roles change signs in anew')
      .option('--name <name>', 'as staff know them')
      .option('--email <address>', 'where notices and tests go')
      .option('--role <roles>', `all that they have: several of ${roles.join(', ')}, with commas`)
      .requiredOption(...asOption)
      .action(
        async (
          login: string,
          options: { name?: string; email?: string; role?: string; as: string },
        ) => {
          await withUser(options.as, async ({ db, engine }, actor) => {
            const { name, email, role } = options
            const changed = await editAccount(engine, actor, await accountId(db, login), {
              ...(name !== undefined && { name }),
              ...(email !== undefined && { email }),
              ...(role !== undefined && { roles: rolesOf(role) }),
            })
            print(
              changed.length === 0
                ? `${login} sigue igual: no había nada que cambiar.`
                : `Cambios de ${login} guardados.${changed.includes('roles') ? ' Sus sesiones terminaron.' : ''}`,
            )
          })
        },
      ),
    'users edit ana --role capturista,aprobacion --as luis',
  )

  examples(
    users
      .command('deactivate <login>')
      .description('somebody who left: their sessions end and their password is erased')
      .requiredOption(...asOption)
      .action(async (login: string, options: { as: string }) => {
        await withUser(options.as, async ({ db, engine }, actor) => {
          await deactivateAccount(engine, actor, await accountId(db, login))
          print(`Cuenta ${login} desactivada; sus sesiones terminaron.`)
        })
      }),
    'users deactivate ana --as luis',
  )

  examples(
    users
      .command('reactivate <login>')
      .description('somebody who came back, with a link to set a password')
      .requiredOption(...asOption)
      .action(async (login: string, options: { as: string }) => {
        await withUser(options.as, async ({ db, engine }, actor) => {
          const account = await reactivateAccount(engine, actor, await accountId(db, login))
          print(`Cuenta ${login} reactivada.\n${linkOf(engine, account)}`)
        })
      }),
    'users reactivate ana --as luis',
  )
}

const rolesOf = (text: string): Role[] => text.split(',').map((role) => role.trim()) as Role[]

const linkOf = ({ config }: Pick<Engine, 'config'>, { link }: LinkedAccount): string =>
  `Para elegir su contraseña, hasta el ${longTime(link.until)}, una vez:\n` +
  linkTo(config.publicUrl, panelPaths.setPassword(link.token))

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
