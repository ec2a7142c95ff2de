/** The settings: each with its schema, what it is for and an example. `.env.example` is written from this table. */
import { z } from 'zod'
import { normalizeAddress, parseMailbox } from './mail.ts'

export const environments = ['development', 'demo', 'test', 'production'] as const
export type Environment = (typeof environments)[number]

/** The accounts that the institution mails from. `jobs/` names one of them per publication. */
export const senderSlugs = ['admin', 'votochilango', 'dvoe'] as const
export type SenderSlug = (typeof senderSlugs)[number]

/** `tls`: `implicit` from the first byte (smtps), `required` by STARTTLS, `none` only when the URL says `?tls=none`. */
export interface Relay {
  host: string
  port: number
  tls: 'implicit' | 'required' | 'none'
  auth: { user: string; pass: string } | undefined
}

export interface Setting<T = unknown> {
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
  .transform((text) => (normalizeAddress(text) as { address: string }).address)
/** Whoever has an account with Microsoft could be somebody of `common`: only one tenant is the institution. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, host, username, pathname, search, hash } = new URL(text)
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  const isOfAll =
    host === 'login.microsoftonline.com' && /^\/(common|organizations|consumers)\b/.test(pathname)
  const isPlain = username === '' && search === '' && hash === ''
  return isPlain && !isOfAll && (protocol === 'https:' || (protocol === 'http:' && isLoopback))
}
/** An address or an @domain in the normal form of addresses. */
function allowed(entry: string): string | undefined {
  const isDomain = entry.startsWith('@')
  const normal = normalizeAddress(isDomain ? `x${entry}` : entry)
  return 'address' in normal ? normal.address.slice(isDomain ? 1 : 0) : undefined
}
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)

export const general = {
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
  SECRET_KEY_PREVIOUS: setting(
    z
      .string()
      .default('')
      .transform((text) => text.split(',').map((key) => key.trim()))
      .transform((keys) => keys.filter((key) => key !== ''))
      .refine(
        (keys) => keys.every((key) => key.length >= 32),
        'each must have 32 characters or more',
      ),
    'Earlier values of SECRET_KEY, separated by commas: links in mails already sent and hashes of erased people still need them.',
    '',
    { secret: true },
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
  HTTP_TRUSTED_PROXIES: setting(
    wholeNumber(0, 10).default(0),
    'Proxies in front of the server, each of which appends to X-Forwarded-For: limits count the address that the first of them saw.',
    '0',
  ),
  METRICS_TOKEN: setting(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters, without spaces')
      .min(32, 'must have 32 characters or more; make one with `openssl rand -hex 32`')
      .optional(),
    'Bearer token for GET /metrics (Prometheus). Without it only the machine itself is answered, and behind a proxy nobody.',
    '',
    { secret: true },
  ),
  OIDC_ISSUER: setting(
    z
      .string()
      .refine(
        isIssuer,
        'must be the https URL of one provider, as its discovery document has it (http only for this machine, and none of Entra ID for all tenants)',
      )
      .optional(),
    "OpenID Connect provider of the institution's accounts, to sign in to the panel; with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of the three.",
    '',
  ),
  OIDC_CLIENT_ID: setting(
    z.string().optional(),
    'What the provider calls the panel. Its redirect URI is PUBLIC_URL and /panel/entrar/institucional/regreso.',
    '',
  ),
  OIDC_CLIENT_SECRET: setting(z.string().optional(), 'Secret of the panel with the provider.', '', {
    secret: true,
  }),
  OIDC_BUTTON: setting(
    z
      .string()
      .max(60, 'must have 60 characters or fewer')
      .default('Entrar con la cuenta institucional'),
    'Text of the link to the provider on the page to sign in.',
    'Entrar con la cuenta institucional',
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
      .transform((text) => text.split(',').map((entry) => entry.trim()))
      .transform((entries) => entries.filter((entry) => entry !== ''))
      .refine((entries) => entries.every((entry) => allowed(entry) !== undefined), {
        message: 'must be addresses or @domains separated by commas',
      })
      .transform((entries) => entries.map((entry) => allowed(entry)!)),
    'Outside production: addresses or @domains that may be mailed through the relay.',
    '',
  ),
  UNSUBSCRIBE_MAILBOX: setting(
    address.prefault('bajas@iecm.mx'),
    'Mailbox of the mailto form of List-Unsubscribe. Somebody must read it.',
    'bajas@iecm.mx',
  ),
  DISPATCH_CONCURRENCY: setting(
    wholeNumber(1, 200).default(5),
    'SMTP conversations that one worker process holds at once for each sender.',
    '5',
  ),
  PRUNE_AFTER_MONTHS: setting(
    wholeNumber(12, 1200).default(24),
    'Months after which `pregonero prune` removes who received an ended edition. It removes nothing by itself.',
    '24',
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

export const senderSettings = (slug: SenderSlug) => {
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
      `Messages per second of ${who}, over all workers.`,
      '50',
    ),
    CONNECTIONS: setting(
      wholeNumber(1, 200).default(10),
      `Conversations at once with the relay of ${who}, over all workers.`,
      '10',
    ),
  }
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

export function allSettings(): [key: string, setting: Setting][] {
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
