/**
 * What the log of a Postfix relay says of our messages. Lines are read one at a time and only what belongs to the wanted
 * Message-IDs is kept, so that a log may be of any size. No address is kept.
 *
 * The line `message-id=` is no proof: Postfix writes it while it still reads the headers, and a message that breaks off
 * later leaves it too. What the queue manager took up (`from=…, nrcpt=…`) was accepted.
 */
import { DateTime } from 'luxon'

export interface RelayLog {
  /** Lines of Postfix, whatever they say. */
  lines: number
  /** undefined: no line has an hour that can be read. */
  first: Date | undefined
  last: Date | undefined
  /** By Message-ID with its angle brackets; only the wanted ones that the log names. */
  traces: Map<string, RelayTrace>
}

export interface RelayTrace {
  queueId: string
  /** False: its headers came, and its end did not. */
  taken: boolean
  /** When its Message-ID was read. */
  seenAt: Date | undefined
  /** What the relay did with it afterwards, as far as the log goes. */
  fate: { status: string; text: string } | undefined
}

export interface ReadOptions {
  wanted: ReadonlySet<string>
  /** Of hours without a zone, which the traditional format has. */
  zone: string
  /** Traditional hours have no year: theirs is the latest that is not after this. */
  now: Date
}

// 2026-11-27T15:00:01.5-06:00 host postfix/cleanup[12]: 4cXYZabc: …   or   Nov 27 15:00:01 host postfix/…
const line =
  /^(\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ [^\s[\]]*postfix[^\s[\]]*\/([\w-]+)\[\d+\]: (?:([\dA-Za-z]{5,20}): )?(.*)$/

export async function readRelayLog(
  lines: AsyncIterable<string>,
  { wanted, zone, now }: ReadOptions,
): Promise<RelayLog> {
  const found: Found[] = []
  /** Queue ids are used again once a message is gone. */
  const inQueue = new Map<string, Found>()
  let count = 0
  let first: string | undefined
  let last: string | undefined
  for await (const text of lines) {
    const [, stamp, daemon, queueId, said] = line.exec(text) ?? []
    if (stamp === undefined) continue
    count++
    first ??= stamp
    last = stamp
    if (queueId === undefined) continue
    const messageId = daemon === 'cleanup' ? messageIdIn(said!) : undefined
    if (messageId !== undefined) {
      inQueue.delete(queueId)
      if (!wanted.has(messageId)) continue
      const begun = { messageId, queueId, stamp, taken: false, fate: undefined }
      inQueue.set(queueId, begun)
      found.push(begun)
    } else note(inQueue, queueId, daemon!, said!)
  }
  const instant = calendarOf(last, zone, now)
  return {
    lines: count,
    first: instant(first),
    last: instant(last),
    traces: bestOf(found, instant),
  }
}

interface Found extends Pick<RelayTrace, 'queueId' | 'taken' | 'fate'> {
  messageId: string
  stamp: string
}

/** Postfix writes a line break inside the header as ? or leaves it out. */
const messageIdIn = (said: string): string | undefined =>
  /^message-id=[?\s]*(<[^<>\s]+>)/.exec(said)?.[1]

function note(inQueue: Map<string, Found>, queueId: string, daemon: string, said: string): void {
  const message = inQueue.get(queueId)
  if (!message) return
  if (daemon === 'qmgr' && said === 'removed') inQueue.delete(queueId)
  else if (daemon === 'qmgr' && /^from=<.*>, .*\bnrcpt=\d+/.test(said)) message.taken = true
  else {
    const [, status, text] = /^to=<.*\bstatus=(\w+) \((.*)\)$/.exec(said) ?? []
    if (status === undefined) return
    // whoever delivers has it from the queue
    message.taken = true
    message.fate = { status, text: text! }
  }
}

/** A message that was sent again, or passed a filter, has several queue ids: one that was taken tells the most. */
function bestOf(
  found: Found[],
  instant: (stamp: string) => Date | undefined,
): Map<string, RelayTrace> {
  const traces = new Map<string, RelayTrace>()
  for (const { messageId, stamp, ...message } of found) {
    if (traces.get(messageId)?.taken && !message.taken) continue
    traces.set(messageId, { ...message, seenAt: instant(stamp) })
  }
  return traces
}

/** Reads hours. Those of a log go up, so one that is later in the year than its last line is of the year before. */
function calendarOf(
  last: string | undefined,
  zone: string,
  now: Date,
): (stamp: string | undefined) => Date | undefined {
  const inYear = (stamp: string, year: number) =>
    DateTime.fromFormat(`${year} ${stamp.replace(/ {2}/, ' ')}`, 'yyyy LLL d HH:mm:ss', {
      zone,
      locale: 'en',
    })
  const notAfter = (stamp: string, limit: DateTime): DateTime => {
    const thisYear = inYear(stamp, limit.year)
    // the 29th of February is of a leap year
    return thisYear.isValid && thisYear <= limit ? thisYear : inYear(stamp, limit.year - 1)
  }
  const isTraditional = (stamp: string) => /^[A-Z]/.test(stamp)
  // clocks differ by a little
  const limit = DateTime.fromJSDate(now, { zone }).plus({ days: 1 })
  const end = last !== undefined && isTraditional(last) ? notAfter(last, limit) : limit
  return (stamp) => {
    if (stamp === undefined) return undefined
    const read = isTraditional(stamp) ? notAfter(stamp, end) : DateTime.fromISO(stamp, { zone })
    return read.isValid ? read.toJSDate() : undefined
  }
}
