/**
 * Configuration: read once from the environment. Every fault is reported at once, with the key, the masked value and the
 * remedy.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem, messageOf, nearest, shown, type Fault } from './errors.ts'
import type { Mailbox } from './mail.ts'
import {
  allSettings,
  general,
  senderSettings,
  senderSlugs,
  type Environment,
  type Relay,
  type SenderSlug,
  type Setting,
} from './settings.ts'

export type { Environment, Relay, SenderSlug }

export interface Config {
  environment: Environment
  /** undefined: the embedded PostgreSQL of `dataDir` (never in production). */
  databaseUrl: string | undefined
  /** undefined: BullMQ runs on the same PostgreSQL as the ledger. */
  redisUrl: string | undefined
  dataDir: string
  publicUrl: string
  secretKey: string
  previousSecretKeys: string[]
  logLevel: string
  /** `metricsToken` undefined: only the machine itself may read the metrics. */
  http: { host: string; port: number; trustedProxies: number; metricsToken: string | undefined }
  /** The institution's own accounts; undefined: passwords of the panel alone. */
  oidc: { issuer: string; clientId: string; clientSecret: string; button: string } | undefined
  /** Domain of List-Id and Message-ID. */
  mailDomain: string
  /** Where mail programs that know no one-click POST write to. */
  unsubscribeMailbox: string
  /** Outside production only these addresses or @domains reach a relay; all else goes to the outbox. */
  mailAllowlist: string[]
  /** Sends that one process runs at once, for each sender. */
  dispatchConcurrency: number
  pruneAfterMonths: number
  senders: Record<SenderSlug, SenderConfig>
}

export interface SenderConfig {
  slug: SenderSlug
  from: Mailbox
  replyTo: Mailbox | undefined
  /** RFC 5321 reverse-path: where bounces go. */
  envelopeFrom: string
  relay: Relay | undefined
  /** Over all workers, as `connections` is. */
  ratePerSecond: number
  connections: number
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
        connections: get(`${prefix}CONNECTIONS`, settings.CONNECTIONS),
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
    previousSecretKeys: get('SECRET_KEY_PREVIOUS', general.SECRET_KEY_PREVIOUS),
    logLevel: get('LOG_LEVEL', general.LOG_LEVEL),
    http: {
      host: get('HTTP_HOST', general.HTTP_HOST),
      port: get('HTTP_PORT', general.HTTP_PORT),
      trustedProxies: get('HTTP_TRUSTED_PROXIES', general.HTTP_TRUSTED_PROXIES),
      metricsToken: get('METRICS_TOKEN', general.METRICS_TOKEN),
    },
    oidc: readOidc(given, faults, environment),
    mailDomain: get('MAIL_DOMAIN', general.MAIL_DOMAIN),
    unsubscribeMailbox: get('UNSUBSCRIBE_MAILBOX', general.UNSUBSCRIBE_MAILBOX),
    mailAllowlist: get('MAIL_ALLOWLIST', general.MAIL_ALLOWLIST),
    dispatchConcurrency: get('DISPATCH_CONCURRENCY', general.DISPATCH_CONCURRENCY),
    pruneAfterMonths: get('PRUNE_AFTER_MONTHS', general.PRUNE_AFTER_MONTHS),
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

function readOidc(
  given: Map<string, string>,
  faults: Fault[],
  environment: Environment,
): Config['oidc'] {
  const keys = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const
  const [issuer, clientId, clientSecret] = keys.map((key) =>
    read(key, general[key], given, faults, environment),
  )
  const button = read('OIDC_BUTTON', general.OIDC_BUTTON, given, faults, environment)
  const missing = keys.filter((key) => !given.has(key))
  if (missing.length === keys.length) return undefined
  for (const place of missing)
    faults.push({
      place,
      message: `is missing beside ${keys.filter((key) => given.has(key)).join(' and ')}`,
      remedy: 'Give the three of them, or none to sign in with passwords alone',
    })
  if (environment === 'production' && issuer && new URL(issuer).protocol === 'http:')
    faults.push({
      place: 'OIDC_ISSUER',
      message: 'must be https in production',
      value: shown(issuer),
      remedy: 'Give the https address of the provider',
    })
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret, button } : undefined
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
