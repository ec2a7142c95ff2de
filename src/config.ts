/**
 * Configuration: one schema, read once from the environment. Every fault is reported at once, with the key,
 * the masked value and the remedy. `.env.example` and `pregonero config` are generated from this table.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { Problem, messageOf, nearest, shown, type Fault } from './errors.ts'
import { normalizeAddress, parseMailbox, type Mailbox } from './mail.ts'

export const environments = ['development', 'demo', 'test', 'production'] as const
export type Environment = (typeof environments)[number]

/** The accounts that the institution mails from. `jobs/` names one of them per publication. */
export const senderSlugs = ['admin', 'votochilango', 'dvoe'] as const
export type SenderSlug = (typeof senderSlugs)[number]

export interface Config {
  environment: Environment
  /** undefined: the embedded PostgreSQL of `dataDir` (never in production). */
  databaseUrl: string | undefined
  /** undefined: BullMQ runs on the same PostgreSQL as the ledger. */
  redisUrl: string | undefined
  dataDir: string
  publicUrl: string
  secretKey: string
  logLevel: string
  http: { host: string; port: number }
  /** Domain of List-Id and Message-ID. */
  mailDomain: string
  /** Outside production only these addresses or @domains reach a relay; all else goes to the outbox. */
  mailAllowlist: string[]
  /** Sends that one process runs at once, over all senders. */
  dispatchConcurrency: number
  senders: Record<SenderSlug, SenderConfig>
}

export interface SenderConfig {
  slug: SenderSlug
  from: Mailbox
  replyTo: Mailbox | undefined
  /** RFC 5321 reverse-path: where bounces go. */
  envelopeFrom: string
  relay: Relay | undefined
  ratePerSecond: number
}

/** `tls`: `implicit` from the first byte (smtps), `required` by STARTTLS, `none` only when the URL says `?tls=none`. */
export interface Relay {
  host: string
  port: number
  tls: 'implicit' | 'required' | 'none'
  auth: { user: string; pass: string } | undefined
}

interface Setting<T = unknown> {
  schema: z.ZodType<T>
  description: string
  /** Shown in `.env.example`; an empty example leaves the key commented out. */
  example: string
  secret?: boolean
  requiredInProduction?: boolean
}

const setting = <T>(
  schema: z.ZodType<T>,
  description: string,
  example: string,
  flags: { secret?: boolean; requiredInProduction?: boolean } = {},
): Setting<T> => ({ schema, description, example, ...flags })

const urlOf = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  })
const mailbox = z
  .string()
  .refine(
    (text) => parseMailbox(text) !== undefined,
    'must be `Name <address@domain>` or an address',
  )
  .transform((text) => parseMailbox(text)!)
const address = z
  .string()
  .refine((text) => 'address' in normalizeAddress(text), 'must be one mail address')
  .transform((text) => text.trim().toLowerCase())
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)

const general = {
  PREGONERO_ENV: setting(
    z.enum(environments, `must be one of ${environments.join(', ')}`).default('development'),
    'What this installation is. Outside production no mail reaches an address that is not allow-listed.',
    'development',
  ),
  DATABASE_URL: setting(
    urlOf('postgres:', 'postgresql:').optional(),
    'PostgreSQL 15 or newer. Without it an embedded server is started in DATA_DIR (not in production).',
    '',
    { secret: true, requiredInProduction: true },
  ),
  REDIS_URL: setting(
    urlOf('redis:', 'rediss:').optional(),
    'Redis for BullMQ (AOF, maxmemory-policy noeviction). Without it BullMQ runs on PostgreSQL (not in production).',
    '',
    { secret: true, requiredInProduction: true },
  ),
  DATA_DIR: setting(
    z.string().default('.pregonero'),
    'Folder of the embedded database and of the outbox, one sub-folder per environment.',
    '.pregonero',
  ),
  PUBLIC_URL: setting(
    urlOf('http:', 'https:').default('http://localhost:3000'),
    'Address under which readers and staff reach the server; https in production.',
    'http://localhost:3000',
    { requiredInProduction: true },
  ),
  SECRET_KEY: setting(
    z
      .string()
      .min(32, 'must have 32 characters or more; make one with `openssl rand -base64 48`')
      .default('only-for-development-and-tests-never-production'),
    'Signs tokens and keyed hashes.',
    '',
    { secret: true, requiredInProduction: true },
  ),
  LOG_LEVEL: setting(
    z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
    'Least level that is logged (JSON on stderr).',
    'info',
  ),
  HTTP_HOST: setting(
    z.string().default('127.0.0.1'),
    'Address that the server listens on.',
    '127.0.0.1',
  ),
  HTTP_PORT: setting(
    wholeNumber(0, 65535).default(3000),
    'Port of the server; 0 picks a free one.',
    '3000',
  ),
  MAIL_DOMAIN: setting(
    z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain name in lower case')
      .default('iecm.mx'),
    'Domain of List-Id and Message-ID.',
    'iecm.mx',
  ),
  MAIL_ALLOWLIST: setting(
    z
      .string()
      .default('')
      .transform((text) => text.split(',').map((entry) => entry.trim().toLowerCase()))
      .transform((entries) => entries.filter((entry) => entry !== ''))
      .refine((entries) => entries.every((entry) => /^[^@\s]*@[^@\s]+\.[^@\s]+$/.test(entry)), {
        message: 'must be addresses or @domains separated by commas',
      }),
    'Outside production: addresses or @domains that may be mailed through the relay.',
    '',
  ),
  DISPATCH_CONCURRENCY: setting(
    wholeNumber(1, 200).default(5),
    'SMTP conversations that one worker process holds at once.',
    '5',
  ),
}

const senderDefaults: Record<SenderSlug, { from: string; who: string }> = {
  admin: {
    from: 'IECM Administración <admin@iecm.mx>',
    who: 'the ADMIN account (boletín, internal)',
  },
  votochilango: { from: 'Voto Chilango <votochilango@iecm.mx>', who: 'Voto Chilango' },
  dvoe: {
    from: 'Dirección de Vinculación con Organismos Externos <dvoe@iecm.mx>',
    who: 'the directorate, notices to staff included',
  },
}

const senderSettings = (slug: SenderSlug) => {
  const { from, who } = senderDefaults[slug]
  return {
    FROM: setting(mailbox.prefault(from), `From of ${who}.`, from, { requiredInProduction: true }),
    REPLY_TO: setting(mailbox.optional(), `Reply-To of ${who}; without it answers go to From.`, ''),
    ENVELOPE_FROM: setting(
      address.optional(),
      `Reverse-path of ${who}, where bounces go; From when unset.`,
      '',
    ),
    RELAY_URL: setting(
      z
        .string()
        .refine((text) => readRelay(text) !== undefined, {
          message:
            'must be smtp://user:password@host:587 (STARTTLS required) or smtps://host:465; ?tls=none only on a trusted network',
        })
        .transform((text) => readRelay(text)!)
        .optional(),
      `SMTP relay of ${who}.`,
      '',
      { secret: true, requiredInProduction: true },
    ),
    RATE_PER_SECOND: setting(
      wholeNumber(1, 10_000).default(50),
      `Messages per second of ${who}, per worker process.`,
      '50',
    ),
  }
}

/** Reads the environment. Throws one Problem of kind `config` that lists every fault. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const faults: Fault[] = []
  const given = givenValues(env, faults)
  const environment = read('PREGONERO_ENV', general.PREGONERO_ENV, given, faults, 'development')

  const get = <T>(key: string, from: Setting<T>) => read(key, from, given, faults, environment)
  const senders = Object.fromEntries(
    senderSlugs.map((slug) => {
      const prefix = `SENDER_${slug.toUpperCase()}_`
      const settings = senderSettings(slug)
      const from = get(`${prefix}FROM`, settings.FROM)
      const sender: SenderConfig = {
        slug,
        from,
        replyTo: get(`${prefix}REPLY_TO`, settings.REPLY_TO),
        envelopeFrom: get(`${prefix}ENVELOPE_FROM`, settings.ENVELOPE_FROM) ?? from?.address,
        relay: get(`${prefix}RELAY_URL`, settings.RELAY_URL),
        ratePerSecond: get(`${prefix}RATE_PER_SECOND`, settings.RATE_PER_SECOND),
      }
      return [slug, sender]
    }),
  ) as Record<SenderSlug, SenderConfig>
  const config: Config = {
    environment,
    databaseUrl: get('DATABASE_URL', general.DATABASE_URL),
    redisUrl: get('REDIS_URL', general.REDIS_URL),
    dataDir: resolve(get('DATA_DIR', general.DATA_DIR) ?? '.', environment ?? 'development'),
    publicUrl: get('PUBLIC_URL', general.PUBLIC_URL),
    secretKey: get('SECRET_KEY', general.SECRET_KEY),
    logLevel: get('LOG_LEVEL', general.LOG_LEVEL),
    http: { host: get('HTTP_HOST', general.HTTP_HOST), port: get('HTTP_PORT', general.HTTP_PORT) },
    mailDomain: get('MAIL_DOMAIN', general.MAIL_DOMAIN),
    mailAllowlist: get('MAIL_ALLOWLIST', general.MAIL_ALLOWLIST),
    dispatchConcurrency: get('DISPATCH_CONCURRENCY', general.DISPATCH_CONCURRENCY),
    senders,
  }
  if (environment === 'production' && config.publicUrl?.startsWith('http:')) {
    faults.push({
      place: 'PUBLIC_URL',
      message: 'must be https in production',
      value: shown(config.publicUrl),
      remedy: 'Put the server behind TLS and give its https address',
    })
  }
  if (faults.length > 0) throw new Problem('config', faults)
  return config
}

/** The given keys without empty values; `KEY_FILE` names a file that holds the value of `KEY` (Docker secrets). */
function givenValues(
  env: Record<string, string | undefined>,
  faults: Fault[],
): Map<string, string> {
  const given = new Map<string, string>()
  const known = new Set(allSettings().map(([key]) => key))
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value.trim() === '') continue
    const fileKey = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : undefined
    if (known.has(name)) given.set(name, value.trim())
    else if (fileKey && known.has(fileKey)) {
      if (env[fileKey]?.trim()) faults.push(givenTwice(name, fileKey))
      else readSecretFile(name, fileKey, value, given, faults)
    } else if (/^(PREGONERO|SENDER)_/.test(name)) {
      const guess = nearest(name, known)
      faults.push({
        place: name,
        message: 'is not a setting of Pregonero',
        remedy: guess
          ? `Did you mean ${guess}?`
          : 'Remove it; `pregonero config --all` lists the settings',
      })
    }
  }
  return given
}

const givenTwice = (name: string, key: string): Fault => ({
  place: name,
  message: `is given beside ${key}: nobody could tell which one holds`,
  remedy: 'Remove one of the two',
})

function readSecretFile(
  name: string,
  key: string,
  path: string,
  given: Map<string, string>,
  faults: Fault[],
) {
  try {
    given.set(key, readFileSync(path, 'utf8').trim())
  } catch (error) {
    faults.push({
      place: name,
      message: `cannot be read: ${messageOf(error)}`,
      value: shown(path),
      remedy: `Give a readable file, or set ${key} itself`,
    })
  }
}

/** One value; on a fault the value is undefined at run time and the fault is recorded: loadConfig then throws. */
function read<T>(
  key: string,
  from: Setting<T>,
  given: Map<string, string>,
  faults: Fault[],
  environment: Environment,
): T {
  const text = given.get(key)
  if (text === undefined && environment === 'production' && from.requiredInProduction) {
    faults.push({ place: key, message: 'is required in production', remedy: from.description })
    return undefined as T
  }
  const result = from.schema.safeParse(text)
  if (result.success) return result.data
  faults.push({
    place: key,
    message: result.error.issues.map((issue) => issue.message).join('; '),
    value: from.secret ? maskSecret(text ?? '') : shown(text),
    remedy: from.description,
  })
  return undefined as T
}

function readRelay(text: string): Relay | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, username, password, searchParams } = new URL(text)
  const implicit = protocol === 'smtps:'
  if ((!implicit && protocol !== 'smtp:') || hostname === '') return undefined
  const options = [...searchParams]
  const wantsNoTls = !implicit && options.length === 1 && searchParams.get('tls') === 'none'
  if (options.length > 0 && !wantsNoTls) return undefined
  const auth = username === '' ? undefined : readCredentials(username, password)
  if (auth === 'malformed') return undefined
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (implicit ? 465 : 587) : Number(port),
    tls: implicit ? 'implicit' : wantsNoTls ? 'none' : 'required',
    auth,
  }
}

/** Percent-encoded, as in every URL: a % of its own is %25. */
function readCredentials(user: string, pass: string): Relay['auth'] | 'malformed' {
  try {
    return { user: decodeURIComponent(user), pass: decodeURIComponent(pass) }
  } catch {
    return 'malformed'
  }
}

/** A URL without its password and options; what is not clearly one, and any other secret, as its length alone. */
export function maskSecret(text: string): string {
  const hidden = `${text.length} characters, not shown`
  if (!URL.canParse(text)) return hidden
  const { protocol, username, password, host, pathname, search, hash } = new URL(text)
  // a password with # ? or / ends the authority too early, and the rest of it is read as something else
  if (host === '' || `${pathname}${search}${hash}`.includes('@')) return hidden
  const user = username === '' && password === '' ? '' : `${username}:***@`
  return shown(`${protocol}//${user}${host}${pathname}`)
}

function allSettings(): [key: string, setting: Setting][] {
  return [
    ...Object.entries<Setting>(general),
    ...senderSlugs.flatMap((slug) =>
      Object.entries<Setting>(senderSettings(slug)).map(([suffix, value]): [string, Setting] => [
        `SENDER_${slug.toUpperCase()}_${suffix}`,
        value,
      ]),
    ),
  ]
}

/** Every setting with its text, for `pregonero config` and the generated `.env.example`. */
export function describeSettings(): {
  key: string
  description: string
  example: string
  secret: boolean
  required: boolean
}[] {
  return allSettings().map(([key, value]) => ({
    key,
    description: value.description,
    example: value.example,
    secret: value.secret ?? false,
    required: value.requiredInProduction ?? false,
  }))
}

export function envExample(): string {
  const lines = describeSettings().map(
    ({ key, description, example, required }) =>
      `# ${description}${required ? ' Required in production.' : ''}\n${example === '' ? `# ${key}=` : `${key}=${example}`}\n`,
  )
  return `# Generated by \`pregonero config --example\`: copy to .env and edit.\n# KEY_FILE=path works for every key (secrets as files).\n\n${lines.join('\n')}`
}
