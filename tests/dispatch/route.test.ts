import { expect, test } from 'vitest'
import { loadConfig, type Config, type Relay } from '../../src/config.ts'
import { routeOf } from '../../src/dispatch/route.ts'

const outbox: Relay = { host: '127.0.0.1', port: 2525, tls: 'none', auth: undefined }

const configOf = (env: Record<string, string>): Config =>
  loadConfig({
    PREGONERO_ENV: 'demo',
    SENDER_ADMIN_RELAY_URL: 'smtp://relay.iecm.mx',
    MAIL_ALLOWLIST: 'ana@iecm.mx, @pruebas.iecm.mx',
    ...env,
  })

const hostFor = (config: Config, address: string): string =>
  routeOf(config, config.senders.admin, address, outbox).host

test.each(['development', 'demo', 'test'])(
  'in %s an address that is not allow-listed reaches no relay, even with one configured',
  (environment) => {
    const config = configOf({ PREGONERO_ENV: environment })
    for (const address of [
      'luis@iecm.mx',
      'juana@iecm.mx',
      'ana@iecm.mx.example.org',
      'x@otras-pruebas.iecm.mx',
      'x@sub.pruebas.iecm.mx',
      'x@pruebas.iecm.mx.example.org',
      '',
    ]) {
      expect([address, hostFor(config, address)]).toEqual([address, outbox.host])
    }
    expect(hostFor(config, 'ana@iecm.mx')).toBe('relay.iecm.mx')
    expect(hostFor(config, 'x@pruebas.iecm.mx')).toBe('relay.iecm.mx')
  },
)

test('an allow-listed address of a sender without a relay goes to the outbox', () => {
  const config = configOf({ SENDER_ADMIN_RELAY_URL: '' })
  expect(hostFor(config, 'ana@iecm.mx')).toBe(outbox.host)
})

test('in production every address goes to the relay of its own sender', () => {
  const config = configOf({
    PREGONERO_ENV: 'production',
    DATABASE_URL: 'postgres://db/pregonero',
    REDIS_URL: 'redis://cola',
    PUBLIC_URL: 'https://pregonero.iecm.mx',
    SECRET_KEY: 'k'.repeat(32),
    SENDER_ADMIN_FROM: 'admin@iecm.mx',
    SENDER_VOTOCHILANGO_FROM: 'votochilango@iecm.mx',
    SENDER_VOTOCHILANGO_RELAY_URL: 'smtp://voto.iecm.mx',
    SENDER_DVOE_FROM: 'dvoe@iecm.mx',
    SENDER_DVOE_RELAY_URL: 'smtp://dvoe.iecm.mx',
    MAIL_ALLOWLIST: '',
  })
  const hosts = Object.values(config.senders).map(
    (sender) => routeOf(config, sender, 'alguien@example.org', undefined).host,
  )
  expect(hosts).toEqual(['relay.iecm.mx', 'voto.iecm.mx', 'dvoe.iecm.mx'])

  const withoutRelay = { ...config.senders.dvoe, relay: undefined }
  expect(() => routeOf(config, withoutRelay, 'alguien@example.org', undefined)).toThrow(
    'SENDER_DVOE_RELAY_URL: is not set',
  )
})
