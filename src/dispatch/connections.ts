/** Connections to relays, reused from one batch to the next and closed when nobody wants them for a while. */
import type { Relay } from '../config.ts'
import { relayName, type Connect, type Connection } from './transport.ts'

const idleMs = 10_000
/** A relay that did not answer is not asked again for this long, so that it does not keep the others waiting. */
export const usualDownMs = 15_000

export interface Connections {
  take(relay: Relay): Promise<Connection>
  give(connection: Connection): void
  close(): void
}

export function keepConnections(
  connect: Connect,
  clientName: string,
  downMs = usualDownMs,
): Connections {
  const idle = new Map<string, { connection: Connection; timer: NodeJS.Timeout }[]>()
  const down = new Map<string, { until: number; error: unknown }>()
  let closed = false

  return {
    async take(relay) {
      for (
        let kept = idle.get(relayName(relay))?.pop();
        kept;
        kept = idle.get(relayName(relay))?.pop()
      ) {
        clearTimeout(kept.timer)
        if (kept.connection.usable()) return kept.connection
      }
      const failed = down.get(relayName(relay))
      if (failed && performance.now() < failed.until) throw failed.error
      try {
        return await connect(relay, clientName)
      } catch (error) {
        down.set(relayName(relay), { until: performance.now() + downMs, error })
        throw error
      }
    },
    give(connection) {
      if (!connection.usable()) return
      if (closed) return connection.close()
      const kept = idle.get(connection.relay) ?? []
      const timer = setTimeout(() => {
        kept.splice(
          kept.findIndex((entry) => entry.connection === connection),
          1,
        )
        connection.close()
      }, idleMs)
      kept.push({ connection, timer })
      idle.set(connection.relay, kept)
    },
    close() {
      closed = true
      for (const { connection, timer } of [...idle.values()].flat()) {
        clearTimeout(timer)
        connection.close()
      }
      idle.clear()
    },
  }
}
