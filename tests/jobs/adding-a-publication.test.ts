/** What jobs/README.md promises: four files and a line of the index, and nothing else of the project. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const added = {
  'jobs/prueba-semanal.ts': `/** Prueba semanal: cada miércoles, a toda la comunidad del IECM. */
import { z } from 'zod'
import { linea, muestra, parrafos } from '../src/content/fields.ts'
import { definePublication, perEdition, weekly } from '../src/publication.ts'

const contenido = z.strictObject({
  tipo: z.literal('prueba-semanal'),
  muestra,
  titular: linea(80).describe('Va en el asunto'),
  entrada: parrafos(500),
})

export const pruebaSemanal = definePublication({
  slug: 'prueba-semanal',
  name: 'Prueba semanal',
  description: 'Lo que se prueba cada semana.',
  readers: 'Comunidad del IECM',
  sender: 'admin',
  audience: { lists: ['comunidad-iecm'] },
  cadence: weekly('miércoles', '09:00'),
  latestStartHours: 12,
  approval: 'author',
  numbering: 'none',
  content: contenido,
  subject: ({ titular }) => titular,
  preheader: ({ entrada }) => entrada,
  reportLines: [perEdition('IV.3.a.i', 'Prueba semanal.')],
})
`,
  'templates/prueba-semanal.mjml': `{{#> correo-iecm subtitulo=(fechaLarga edition.nominalAt) nombreLargo=false}}
<mj-section><mj-column><mj-text>
  <p class="saludo">{{slot "saludo"}}</p>
  <h1>{{titular}}</h1>
  {{markdown entrada}}
</mj-text></mj-column></mj-section>
{{/correo-iecm}}
`,
  'templates/prueba-semanal.txt.hbs': `{{#> correo tuteo=false subtitulo=(fechaLarga edition.nominalAt)}}
{{slot "saludo"}}

{{subrayado titular "="}}

{{markdownText entrada}}
{{/correo}}
`,
  'jobs/samples/prueba-semanal.yaml': `# Contenido de muestra.
tipo: prueba-semanal
muestra: true
titular: Cuatro archivos y un renglón
entrada: Con esto basta para que **salga** cada miércoles.
`,
}

/** A copy of the project with the new publication, but for the files that are left out. */
async function projectWithout(...leftOut: (keyof typeof added)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-jobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['jobs', 'templates', 'src', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const [name, contents] of Object.entries(added))
    if (!leftOut.includes(name as keyof typeof added))
      await writeFile(join(folder, name), contents, { flag: 'wx' })
  const index = join(folder, 'jobs/index.ts')
  const listed = (await readFile(index, 'utf8'))
    .replace(/^import /m, "import { pruebaSemanal } from './prueba-semanal.ts'\nimport ")
    .replace(/^\]/m, '  pruebaSemanal,\n]')
  await writeFile(index, listed)
  return folder
}

async function pregonero(folder: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(folder, 'src/pregonero.mjs'), ...args], {
    cwd: folder,
    env: { PREGONERO_ENV: 'test', DATA_DIR: join(folder, '.pregonero') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

test('with its four files and its line in the index a publication is checked, listed and explained', async () => {
  const project = await projectWithout()
  expect(await pregonero(project, 'config')).toEqual({
    code: 0,
    stdout: 'Configuration of test: no faults.\n',
    stderr: '',
  })
  const { stdout } = await pregonero(project, 'publications', '--json')
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ slug: 'prueba-semanal', cadence: 'cada miércoles, 09:00' }),
  )
  const sample = 'jobs/samples/prueba-semanal.yaml'
  expect(await pregonero(project, 'content', 'check', sample)).toMatchObject({
    code: 0,
    stdout: `${sample}: contenido válido de Prueba semanal.\n`,
  })
  expect(await pregonero(project, 'content', 'new', 'prueba-semanal')).toMatchObject({ code: 0 })
  const example = await readFile(join(project, 'prueba-semanal.yaml'), 'utf8')
  expect(example).toContain('# Va en el asunto · hasta 80 caracteres\ntitular: ')
  expect(await pregonero(project, 'content', 'check', 'prueba-semanal.yaml')).toMatchObject({
    code: 0,
  })
})

test('it is planned, filled with its sample, rendered and sent at its hour like any other', async () => {
  const project = await projectWithout()
  const week = ['--from', '2026-11-23', '--weeks', '1']
  const { code, stdout, stderr } = await pregonero(project, 'simulate', ...week)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^mié 25 nov 2026 09:00 +Prueba semanal 2026-W48: \d+ aceptados$/m)
}, 60_000)

test.each(['templates/prueba-semanal.mjml', 'templates/prueba-semanal.txt.hbs'] as const)(
  'without %s nothing starts, and the file is named',
  async (missing) => {
    const { code, stdout, stderr } = await pregonero(await projectWithout(missing), 'config')
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^${missing}: is missing\\. .+\\n$`))
  },
)
