/** Where a message may go: outside production only allow-listed addresses reach a relay; all else is the outbox. */
import type { Config, Relay, SenderConfig } from '../config.ts'
import { Problem } from '../errors.ts'

export function routeOf(
  config: Config,
  sender: SenderConfig,
  address: string,
  outbox: Relay | undefined,
): Relay {
  const mayLeave =
    config.environment === 'production' || isAllowListed(config.mailAllowlist, address)
  const relay = mayLeave && sender.relay ? sender.relay : outbox
  if (relay) return relay
  throw new Problem('config', {
    place: `SENDER_${sender.slug.toUpperCase()}_RELAY_URL`,
    message: 'is not set, and there is no outbox in production',
    remedy: 'Set the relay of this sender',
  })
}

function isAllowListed(allowlist: string[], address: string): boolean {
  return allowlist.some((entry) =>
    entry.startsWith('@') ? address.endsWith(entry) : address === entry,
  )
}
