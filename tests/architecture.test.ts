import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// Imports go one way (src/README.md draws it). A unit is a folder of src/, or what plays the same part.
const leaves = [
  'publication',
  'mail',
  'clock',
  'config',
  'errors',
  'log',
  'states',
  'publication-check',
  'settings',
  'yaml-file',
  'period-words',
  'named-files',
  'hash',
  'text-encoding',
  'neutralise',
  'keys',
  'links',
  'privacy-notice',
  'countries',
]
const stages = [
  'schedule',
  'content',
  'editions',
  'render',
  'audience',
  'dispatch',
  'ledger',
  'report',
]
const middle = [...stages, 'notices', 'people']
const below = ['db', 'queue', 'leaves']

/** Beside itself, what each unit may import. */
const mayImport: Record<string, string[]> = {
  entries: ['app', 'flow', 'http', 'embedded', ...middle, ...below],
  app: ['jobs', 'flow', 'http', 'embedded', ...middle, ...below],
  http: ['flow', ...middle, ...below],
  flow: [...middle, ...below],
  ...Object.fromEntries(middle.map((unit) => [unit, below])),
  // it asks for a session of its own for BullMQ's migrations, because pg has one owner
  queue: ['db', 'leaves'],
  db: ['leaves'],
  embedded: ['leaves'],
  leaves: [],
  jobs: [],
}

/** Packages that have owners; all others are free. */
const owners: Record<string, string[]> = {
  pg: ['db', 'embedded'],
  bullmq: ['queue'],
  ioredis: ['queue'],
  nodemailer: ['dispatch'],
  mjml: ['render'],
  'smtp-server': ['embedded'],
  'prom-client': ['http'],
  'openid-client': ['people'],
}

function unitOf(path: string): string | undefined {
  if (path.startsWith('jobs/')) return 'jobs'
  const [, folder] = /^src\/([^/]+)\//.exec(path) ?? []
  const [, file] = /^src\/([^/.]+)\.(?:ts|mjs)$/.exec(path) ?? []
  if (folder === 'cli' || ['cli', 'pregonero', 'worker', 'server'].includes(file!)) return 'entries'
  if (file === 'app') return 'app'
  if (leaves.includes(file!)) return 'leaves'
  return folder !== undefined && folder in mayImport ? folder : undefined
}

/** Why `from` must not import `to`, a path of the project or the name of a package. */
function objection(from: string, to: string): string | undefined {
  const edge = `${from} → ${to}`
  const unit = unitOf(from)
  if (unit === undefined) return `${from} belongs to no unit: add it to the drawing and here`
  if (!to.includes('/') || !/\.(ts|mjs)$/.test(to)) return packageObjection(unit, edge, to)
  const target = unitOf(to)
  if (target === unit) return undefined
  if (unit === 'jobs') {
    const isVocabulary =
      ['src/publication.ts', 'src/period-words.ts'].includes(to) || target === 'content'
    return isVocabulary
      ? undefined
      : `${edge}: jobs/ speak only src/publication.ts, src/period-words.ts and src/content/`
  }
  if (target !== undefined && mayImport[unit]!.includes(target)) return undefined
  return `${edge}: ${unit} may import ${[unit, ...mayImport[unit]!].join(', ')}`
}

function packageObjection(unit: string, edge: string, name: string): string | undefined {
  if (name.startsWith('node:')) return undefined
  const owned = owners[name.split('/')[0]!]
  if (owned && !owned.includes(unit)) return `${edge}: only ${owned.join(', ')} may import ${name}`
  if (unit === 'jobs' && name !== 'zod')
    return `${edge}: jobs/ are plain values; of packages only zod`
  return undefined
}

/** What a file imports: packages by name, files by their path in the project. Child programs count. */
function importsOf(path: string, text: string): string[] {
  const patterns = [
    /\bfrom '([^']+)'/g,
    /\bimport '([^']+)'/g,
    /\bimport\(\s*'([^']+)'/g,
    /\bnew URL\(\s*'([^']+\.(?:ts|mjs))',\s*import\.meta\.url/g,
  ]
  const asFile = (name: string) => new URL(name, `file:///${path}`).pathname.slice(1)
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, name]) =>
      name!.startsWith('.') || pattern.source.includes('URL') ? asFile(name!) : name!,
    ),
  )
}

const root = fileURLToPath(new URL('..', import.meta.url))
const edges = ['src', 'jobs'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .flatMap((path) =>
      importsOf(path, readFileSync(`${root}${path}`, 'utf8')).map((to) => ({ from: path, to })),
    ),
)

test('imports go one way, and each package that has an owner is imported by it alone', () => {
  const objections = edges.map(({ from, to }) => objection(from, to))
  expect(objections.filter((text) => text !== undefined)).toEqual([])
})

test('the edges that are read are those of the code: static, dynamic, and child programs', () => {
  const known = [
    ['src/app.ts', 'jobs/index.ts'],
    ['src/pregonero.mjs', 'src/cli.ts'],
    ['src/render/mjml-compile.ts', 'src/render/mjml-child.ts'],
    ['src/db/database.ts', 'pg'],
    ['jobs/boletin-electoral.ts', 'src/publication.ts'],
  ].map(([from, to]) => ({ from, to }))
  expect(edges).toEqual(expect.arrayContaining(known))
})

test('every owner still imports its package: the rule is about something', () => {
  for (const [name, units] of Object.entries(owners)) {
    const importers = edges.filter(({ to }) => to.split('/')[0] === name)
    const found = new Set(importers.map(({ from }) => unitOf(from) ?? from))
    expect([...found].toSorted(), name).toEqual(units)
  }
})

test.each([
  ['src/flow/plan.ts', 'src/http/server.ts'],
  ['src/http/server.ts', 'src/app.ts'],
  ['src/app.ts', 'src/cli/session.ts'],
  ['src/audience/audience.ts', 'src/ledger/claims.ts'],
  ['src/ledger/claims.ts', 'src/people/audit.ts'],
  ['src/notices/notices.ts', 'src/people/users.ts'],
  ['src/report/report.ts', 'src/flow/engine.ts'],
  ['src/db/database.ts', 'src/queue/queue.ts'],
  ['src/db/database.ts', 'src/people/users.ts'],
  ['src/queue/queue.ts', 'src/flow/plan.ts'],
  ['src/clock.ts', 'src/db/database.ts'],
  ['src/embedded/outbox.ts', 'src/db/database.ts'],
  ['src/flow/plan.ts', 'jobs/index.ts'],
  ['src/cli/demo.ts', 'jobs/index.ts'],
  ['jobs/boletin-electoral.ts', 'src/config.ts'],
  ['jobs/boletin-electoral.ts', 'src/dispatch/smtp.ts'],
  ['jobs/boletin-electoral.ts', 'luxon'],
  ['src/log.ts', 'tests/support/app.ts'],
  ['jobs/index.ts', 'tests/support/app.ts'],
  ['src/flow/plan.ts', 'pg'],
  ['src/render/render.ts', 'nodemailer/lib/mail-composer'],
  ['src/http/server.ts', 'ioredis'],
  ['src/misc/helpers.ts', 'src/errors.ts'],
])('an import of another direction is named: %s → %s', (from, to) => {
  expect(objection(from, to)).toContain(from)
})
