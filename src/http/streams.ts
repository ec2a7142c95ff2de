/** Answers that go on for a while. They end when their server stops, which would else wait for each of them. */
import type { Engine } from '../flow/engine.ts'

/** A browser keeps six connections to a host over HTTP/1.1: its other pages need some of them. */
const ofOnePerson = 4
const ofAll = 200

export interface OpenStream {
  /** Aborted when the server stops, or by `end`. */
  signal: AbortSignal
  end(): void
}

const open = new WeakMap<Engine, Map<AbortController, number>>()

/** undefined: there are enough of them. `owner`: of staff_user. */
export function openStream(engine: Engine, owner: number): OpenStream | undefined {
  const streams = open.get(engine) ?? new Map<AbortController, number>()
  open.set(engine, streams)
  const own = [...streams.values()].filter((id) => id === owner).length
  if (own >= ofOnePerson || streams.size >= ofAll) return undefined
  const controller = new AbortController()
  streams.set(controller, owner)
  return {
    signal: controller.signal,
    end: () => {
      streams.delete(controller)
      controller.abort()
    },
  }
}

export function endStreams(engine: Engine): void {
  for (const controller of open.get(engine)?.keys() ?? []) controller.abort()
}
