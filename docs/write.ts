/** `npm run docs`: the parts of the documentation that come from the code. A test says when they are behind. */
import { readFile, writeFile } from 'node:fs/promises'
import { publications } from '../jobs/index.ts'
import { envExample } from '../src/settings.ts'
import { acts } from '../src/editions/machine.ts'
import { cadenceText, type Publication } from '../src/publication.ts'
import { panelRoutes } from '../src/http/panel/panel.ts'
import type { PanelRoute } from '../src/http/panel/route.ts'
import { may, roles, type Act, type Role } from '../src/people/users.ts'
import { editionStateNames } from '../src/states.ts'

const root = new URL('../', import.meta.url)

/** The table between the marks of the README. */
export function publicationsTable(rows: Publication[]): string {
  return [
    '| Publication | When (Mexico City) | To | From | Report |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((one) => {
      const tables = one.reportLines.map((line) => line.table).join(', ')
      return `| **${one.name}**: ${one.description} | ${cadenceText(one.cadence)} | ${one.readers} | ${one.sender} | ${tables} |`
    }),
  ].join('\n')
}

export function withTable(readme: string): string {
  return readme.replace(
    /(<!-- publications: .*? -->\n)[^]*(\n<!-- \/publications -->)/,
    (_, start: string, end: string) => `${start}\n${publicationsTable(publications)}\n${end}`,
  )
}

/** The machine of src/editions/machine.ts as a page with its diagram. */
export function statesPage(): string {
  const edges = Object.entries(acts).flatMap(([act, { from, to }]) =>
    from.map((state) => `    ${state} --> ${to}: ${act}`),
  )
  return [
    '# States of an edition',
    '',
    'Written by `npm run docs` from `src/editions/machine.ts`. A refused act says why, and what is possible instead.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '    [*] --> planned',
    ...edges,
    '    sent --> [*]',
    '```',
    '',
    '| state | es |',
    '| --- | --- |',
    ...Object.entries(editionStateNames).map(([state, name]) => `| ${state} | ${name} |`),
    '',
    '| act | es | from | to |',
    '| --- | --- | --- | --- |',
    ...Object.entries(acts).map(
      ([act, { from, to, name }]) => `| ${act} | ${name} | ${from.join(', ')} | ${to} |`,
    ),
    '',
  ].join('\n')
}

/** Who may do what in the panel: the rule that each of its routes carries. */
export function securityPage(): string {
  const row = ({ method, path, act }: PanelRoute) =>
    [`${method} \`${path}\``, act, ...roles.map((role) => (permits(role, act) ? '✓' : ''))].join(
      ' | ',
    )
  return [
    '# Who may do what in the panel',
    '',
    'Written by `npm run docs` from `src/http/panel` and `src/people/users.ts`. A test walks every route with every role, and',
    'fails when a route has no rule. `/panel/salir`, `/panel/entrar` and what is below it are for anybody,',
    'and so are `/panel/contrasena/:token`, whose token is the proof, and `/panel/primera-cuenta`, from this machine while nobody',
    'has signed in.',
    '',
    `| route | act | ${roles.join(' | ')} |`,
    `| --- | --- | ${roles.map(() => '---').join(' | ')} |`,
    ...panelRoutes.map((route) => `| ${row(route)} |`),
    '',
    '- **Passwords**: argon2id (19 MiB, two passes), 12 characters or more. Five failures in a row lock an account for 15',
    '  minutes; an address may try 60 times in ten minutes. A login that does not exist, or is',
    '  locked, is answered alike.',
    '- **Accounts of the institution**, where OpenID Connect is configured: authorization code with PKCE, state and nonce, all made',
    '  from a random value in a signed cookie of ten minutes. Who has one active account here with the verified address of the',
    '  provider enters; no account is made and no role taken from it. See [operations](operations.md#accounts-of-the-institution).',
    '- **Accounts**: nobody gives approval to themselves; a change of roles or address, a new approver and a one-time link are',
    '  mailed to the person and to every other operator.',
    '- **Sessions**: 256 random bits in a `__Host-` cookie (`HttpOnly`, `Secure`, `SameSite=Lax`), their hash in the database. They',
    '  end after an hour without a request, and after twelve in any case; a new password ends them all.',
    '- **Forms** are taken from this origin alone. Every page has a content security policy with a nonce and no script; a mail',
    '  is shown in a sandboxed frame with a policy of its own.',
    '- **Every act** is in the audit log under the name of whoever did it, whether in the panel or by the CLI.',
    '',
  ].join('\n')
}

const permits = (role: Role, act: Act): boolean =>
  may({ id: 0, login: '', name: '', email: '', roles: [role] }, act)

if (import.meta.main) {
  const readme = new URL('README.md', root)
  await writeFile(readme, withTable(await readFile(readme, 'utf8')))
  await writeFile(new URL('.env.example', root), envExample())
  await writeFile(new URL('docs/states.md', root), statesPage())
  await writeFile(new URL('docs/security.md', root), securityPage())
}
