/** How far a dispatch is, told as it goes: events for browsers that take them, else the same once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { html } from 'hono/html'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { openStream } from '../../streams.ts'
import { panelPaths, type PanelRequest } from '../route.ts'
import { editionOf } from './find.ts'
import { isOnItsWay, progressFragment } from './fragment.ts'
import { readShared } from './reading.ts'

const everyMs = 5_000
/** Who looks on asks again by hand: a page that is left open must not keep a session for ever. */
const atMostMs = 15 * 60_000

export async function progressAnswer(request: PanelRequest): Promise<Response> {
  const { c, engine, user } = request
  const edition = await editionOf(request)
  const wantsEvents = c.req.header('Accept')?.includes('text/event-stream') === true
  if (!wantsEvents) {
    c.header('Cache-Control', 'no-store')
    const reading = await readShared(engine, edition.id, edition.state)
    return c.html(progressFragment(request, reading))
  }
  const open = openStream(engine, user.id)
  // 204 tells EventSource not to come back; the page asks for the fragment instead
  if (!open) return c.body(null, 204)
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    stream.onAbort(() => open.end())
    try {
      await tell(request, stream, edition, open.signal)
    } catch (error) {
      if (!open.signal.aborted) engine.log.warn({ err: error }, 'progress not told')
    } finally {
      open.end()
    }
  })
}

async function tell(
  request: PanelRequest,
  stream: SSEStreamingApi,
  { id, state }: { id: number; state: Parameters<typeof readShared>[2] },
  signal: AbortSignal,
): Promise<void> {
  const { engine, sessionEndsAt } = request
  const sessionMs = sessionEndsAt.getTime() - engine.clock.now().getTime()
  const until = performance.now() + Math.min(atMostMs, sessionMs)
  let told = ''
  for (let known: typeof state = state; !signal.aborted; known = undefined) {
    const reading = await readShared(engine, id, known)
    const isLast = performance.now() >= until
    const fragment = await progressFragment(request, reading)
    const data = String(isLast ? await html`${fragment}${stopped(request, id)}` : fragment)
    if (data === told) await stream.write(': sigue\n\n')
    else await stream.writeSSE({ event: 'progreso', data })
    told = data
    if (isLast || !isOnItsWay(reading.edition)) return
    await sleep(everyMs, undefined, { signal, ref: false })
  }
}

const stopped = ({ c }: PanelRequest, id: number) =>
  html`<p data-live-done>
    Esta página dejó de actualizarse.
    <a href="${c.var.link(panelPaths.edition(id))}">Cargarla de nuevo</a>
  </p>`
