import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig, maskSecret } from '../src/config.ts'
import { describeSettings, envExample } from '../src/settings.ts'
import { Problem } from '../src/errors.ts'

const production = {
  PREGONERO_ENV: 'production',
  DATABASE_URL: 'postgres://pregonero:secreto@db/pregonero',
  REDIS_URL: 'redis://cola:6379',
  PUBLIC_URL: 'https://pregonero.iecm.mx',
  SECRET_KEY: 'k'.repeat(32),
  SENDER_ADMIN_FROM: 'IECM <admin@iecm.mx>',
  SENDER_ADMIN_RELAY_URL: 'smtp://relay.iecm.mx',
  SENDER_VOTOCHILANGO_FROM: 'Voto Chilango <votochilango@iecm.mx>',
  SENDER_VOTOCHILANGO_RELAY_URL: 'smtp://relay.iecm.mx',
  SENDER_DVOE_FROM: 'DVOE <dvoe@iecm.mx>',
  SENDER_DVOE_RELAY_URL: 'smtp://relay.iecm.mx',
}

function refusal(env: Record<string, string | undefined>): Problem {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('The configuration was accepted')
}

const places = (problem: Problem): string[] => problem.faults.map((fault) => fault.place)

test('an empty environment is a development installation that needs nothing', () => {
  const config = loadConfig({ DATABASE_URL: ' ', SENDER_ADMIN_RELAY_URL: '' })
  expect(config).toMatchObject({ environment: 'development', http: { port: 3000 } })
  expect(config.databaseUrl).toBeUndefined()
  expect(config.senders.admin).toMatchObject({
    envelopeFrom: 'admin@iecm.mx',
    relay: undefined,
    ratePerSecond: 50,
  })
})

test('every fault is reported at once, with its key, the value and what to do', () => {
  const problem = refusal({
    HTTP_PORT: 'ochenta',
    DISPATCH_CONCURRENCY: '0',
    LOG_LEVEL: 'loud',
    MAIL_DOMAIN: 'IECM.mx',
    MAIL_ALLOWLIST: '@iecm.mx, iecm.mx',
    SENDER_ADMIN_FROM: 'ana@iecm.mx, luis@iecm.mx',
    SENDER_DVOE_REPLY_TO: 'nadie',
  })
  expect(problem.kind).toBe('config')
  expect(problem.faults.map(({ place, value }) => [place, value])).toEqual([
    ['SENDER_ADMIN_FROM', '"ana@iecm.mx, luis@iecm.mx"'],
    ['SENDER_DVOE_REPLY_TO', '"nadie"'],
    ['LOG_LEVEL', '"loud"'],
    ['HTTP_PORT', '"ochenta"'],
    ['MAIL_DOMAIN', '"IECM.mx"'],
    ['MAIL_ALLOWLIST', '"@iecm.mx, iecm.mx"'],
    ['DISPATCH_CONCURRENCY', '"0"'],
  ])
  for (const { message, remedy } of problem.faults) {
    expect(message).toMatch(/\S/)
    expect(remedy).toMatch(/\S/)
  }
  expect(problem.message.split('\n')).toHaveLength(7)
})

test.each([
  ['DATABASE_URL', 'mysql://ana:hunter2@db/pregonero'],
  ['DATABASE_URL', 'mysql://db/pregonero?user=ana&password=hunter2'],
  ['DATABASE_URL', 'postgres//ana:hunter2@db/pregonero'],
  ['DATABASE_URL', 'mysql://ana:2026#hunter2@db/pregonero'],
  ['REDIS_URL', 'http://:hunter2@cola:6379'],
  ['SECRET_KEY', 'hunter2'],
  ['SENDER_ADMIN_RELAY_URL', 'smtp://ana:hunter2@relay?tls=maybe'],
  ['SENDER_ADMIN_RELAY_URL', 'smtp:ana:hunter2@relay'],
])('the secret of %s=%s is not in the message', (key, value) => {
  const problem = refusal({ [key]: value })
  expect(places(problem)).toEqual([key])
  expect(problem.message).not.toContain('hunter2')
})

test.each([
  'postgres://ana:hunter2@db:5432/pregonero',
  'postgres://db/pregonero?user=ana&password=hunter2',
  'postgres://ana:2026#hunter2@db/pregonero',
  'postgres://ana:2026?hunter2@db/pregonero',
  'postgres://ana:/hunter2@db/pregonero',
])('the password of %s is masked wherever the address is shown', (url) => {
  expect(maskSecret(url)).not.toContain('hunter2')
})

test('a masked address still says which server and which database', () => {
  expect(maskSecret('postgres://ana:hunter2@db:5432/pregonero')).toBe(
    '"postgres://ana:***@db:5432/pregonero"',
  )
})

/** A file as Docker mounts a secret. */
async function secretFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'secret'), text)
  return join(folder, 'secret')
}

test('KEY_FILE gives the value of KEY from a file, without the line end', async () => {
  const file = await secretFile(`${'s'.repeat(40)}\n`)
  expect(loadConfig({ SECRET_KEY_FILE: file }).secretKey).toBe('s'.repeat(40))
})

test('a secret file that cannot be read is named with its path', () => {
  const problem = refusal({ SENDER_ADMIN_RELAY_URL_FILE: '/nowhere/relay' })
  expect(places(problem)).toEqual(['SENDER_ADMIN_RELAY_URL_FILE'])
  expect(problem.message).toContain('"/nowhere/relay"')
  expect(problem.message).toContain('set SENDER_ADMIN_RELAY_URL itself')
})

test('a key given both as itself and as a file is refused: nobody could tell which one holds', async () => {
  const file = await secretFile('f'.repeat(40))
  const problem = refusal({ SECRET_KEY: 's'.repeat(40), SECRET_KEY_FILE: file })
  expect(places(problem)).toEqual(['SECRET_KEY_FILE'])
})

test.each([
  ['SENDER_ADMIN_RELAY_ULR', 'Did you mean SENDER_ADMIN_RELAY_URL?'],
  ['PREGONERO_EVN', 'Did you mean PREGONERO_ENV?'],
  ['SENDER_CORREO_MASIVO_FROM', '`pregonero config --all` lists the settings'],
])('a setting that does not exist is refused: %s', (key, remedy) => {
  const problem = refusal({ [key]: 'x', PATH: '/usr/bin', UNRELATED: 'x' })
  expect(places(problem)).toEqual([key])
  expect(problem.message).toContain(remedy)
})

test('production names everything that it requires, and falls back on nothing', () => {
  const required = describeSettings().filter((setting) => setting.required)
  expect(places(refusal({ PREGONERO_ENV: 'production' })).toSorted()).toEqual(
    required.map((setting) => setting.key).toSorted(),
  )
  expect(required.map((setting) => setting.key).toSorted()).toEqual(
    Object.keys(production)
      .filter((key) => key !== 'PREGONERO_ENV')
      .toSorted(),
  )
  expect(loadConfig(production).environment).toBe('production')
})

test('production is reached by https alone', () => {
  const problem = refusal({ ...production, PUBLIC_URL: 'http://pregonero.iecm.mx' })
  expect(places(problem)).toEqual(['PUBLIC_URL'])
  expect(problem.message).toContain('must be https')
})

test('an environment that does not exist is refused, never taken for development', () => {
  const problem = refusal({ PREGONERO_ENV: 'prod' })
  expect(problem.faults).toMatchObject([{ place: 'PREGONERO_ENV', value: '"prod"' }])
  expect(problem.message).toContain('production')
})

const relayOf = (url: string) => loadConfig({ SENDER_ADMIN_RELAY_URL: url }).senders.admin.relay

test.each([
  ['smtp://relay.iecm.mx', { host: 'relay.iecm.mx', port: 587, tls: 'required', auth: undefined }],
  ['smtps://relay.iecm.mx', { port: 465, tls: 'implicit' }],
  ['smtp://10.0.0.9:25?tls=none', { host: '10.0.0.9', port: 25, tls: 'none' }],
  ['smtp://[::1]:2525?tls=none', { host: '::1', port: 2525, tls: 'none' }],
  ['smtp://ana%40iecm.mx:p%2Fw@relay', { auth: { user: 'ana@iecm.mx', pass: 'p/w' } }],
])('the relay %s is read with its TLS and credentials', (url, relay) => {
  expect(relayOf(url)).toMatchObject(relay)
})

test.each([
  'http://relay.iecm.mx',
  'relay.iecm.mx:587',
  'smtp://',
  'smtp://relay?tls=off',
  'smtp://relay?starttls=no',
  'smtps://relay?tls=none',
  'smtp://ana:100%seguro@relay',
])('the relay %s is a fault with the forms that are possible', (url) => {
  const problem = refusal({ SENDER_ADMIN_RELAY_URL: url })
  expect(places(problem)).toEqual(['SENDER_ADMIN_RELAY_URL'])
  expect(problem.message).toContain('smtps://host:465')
})

test('.env.example is what `pregonero config --example` writes, and is a valid environment', () => {
  const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
  expect(text).toBe(envExample())
  expect(loadConfig(parseEnv(text))).toEqual(loadConfig({}))
})

const oidc = {
  OIDC_ISSUER: 'https://cuentas.iecm.mx/realms/iecm',
  OIDC_CLIENT_ID: 'pregonero',
  OIDC_CLIENT_SECRET: 'hunter2',
}

test('the provider of accounts is given whole, or not at all', () => {
  expect(loadConfig({ OIDC_BUTTON: 'Entrar' }).oidc).toBeUndefined()
  expect(loadConfig({ ...production, ...oidc }).oidc).toEqual({
    issuer: oidc.OIDC_ISSUER,
    clientId: 'pregonero',
    clientSecret: 'hunter2',
    button: 'Entrar con la cuenta institucional',
  })
  const problem = refusal({ OIDC_CLIENT_SECRET: 'hunter2' })
  expect(places(problem)).toEqual(['OIDC_ISSUER', 'OIDC_CLIENT_ID'])
  expect(problem.message).toContain('is missing beside OIDC_CLIENT_SECRET')
  expect(problem.message).toContain('Give the three of them, or none')
  expect(problem.message).not.toContain('hunter2')
})

test('a provider is reached by https; by http on this machine alone, outside production', () => {
  const ofThisMachine = { ...oidc, OIDC_ISSUER: 'http://127.0.0.1:9000' }
  expect(loadConfig(ofThisMachine).oidc?.issuer).toBe('http://127.0.0.1:9000')
  expect(places(refusal({ ...production, ...ofThisMachine }))).toEqual(['OIDC_ISSUER'])
  for (const issuer of [
    'cuentas.iecm.mx',
    'http://cuentas.iecm.mx',
    'http://127.0.0.1.malo.example',
    'https://ana:hunter2@cuentas.iecm.mx',
    'https://cuentas.iecm.mx/?realm=iecm',
    'https://login.microsoftonline.com/common/v2.0',
  ])
    expect(places(refusal({ ...oidc, OIDC_ISSUER: issuer })), issuer).toEqual(['OIDC_ISSUER'])
})
