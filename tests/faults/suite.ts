/** Every fault with the queue on one backend, on a PostgreSQL of its own. */
import { afterAll, beforeAll, describe } from 'vitest'
import { install, isHere } from '../support/debian.ts'
import { startDispatch, type Dispatch, type QueueName } from './dispatch.ts'
import { sizes } from './form.ts'
import { startPostgresServer, type PostgresServer } from './postgres-server.ts'
import { prepare, type Prepared } from './prepared.ts'
import { processFaults } from './process-faults.ts'
import { relayFaults } from './relay-faults.ts'
import { serverFaults } from './server-faults.ts'
import { witness } from './witness.ts'

export interface Ground {
  queue: QueueName
  server: PostgresServer
  start(recipients: number, options?: { dataDir?: string }): Promise<Dispatch>
}

export function suite(queue: QueueName): void {
  if (queue === 'redis' && !isHere('redis-server')) install(['redis-server'])
  const isPossible = queue === 'postgres' || isHere('redis-server')
  if (!isPossible && process.env.CI) throw new Error('redis-server is not here, and CI is set')

  describe.runIf(isPossible)(`with the queue on ${queue}`, () => {
    const prepared = new Map<number, Prepared>()
    let server: PostgresServer
    const ground: Ground = {
      queue,
      get server() {
        return server
      },
      start: (recipients, options) =>
        startDispatch(server, queue, prepared.get(recipients)!, options),
    }
    beforeAll(async () => {
      server = await startPostgresServer(queue)
      for (const size of [sizes.killed, sizes.processFaults, sizes.relayFaults]) {
        prepared.set(size, await prepare(server, size))
      }
    })
    afterAll(() => server.remove())

    witness(ground)
    processFaults(ground)
    serverFaults(ground)
    relayFaults(ground)
  })
}
