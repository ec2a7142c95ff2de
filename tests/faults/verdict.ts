/** What became of every recipient: the ledger's word against the sink's. */
import type { DeliveryRow } from './dispatch.ts'

export interface Verdict {
  recipients: number
  /** Different messages that the sink took. */
  received: number
  accepted: number
  /** `accepted` that the sink never got, and who is in no final state. */
  lost: string[]
  /** Taken more than once. */
  doubled: string[]
  unknown: string[]
  /** A permanent refusal, and what was given up. */
  refused: string[]
  /** Taken, although the ledger says neither `accepted` nor `unknown`. */
  unrecorded: string[]
}

const finalStates = ['accepted', 'rejected', 'failed', 'unknown']

/** `taken`: how often each Message-ID was; a Message-ID is `<edition.delivery.installation@domain>`. */
export function verdictOf(rows: DeliveryRow[], taken: Map<string, number>): Verdict {
  const timesTaken = new Map<string, number>()
  for (const [messageId, times] of taken) {
    const [, delivery] = /^<(\d+\.\d+)\./.exec(messageId) ?? []
    if (delivery === undefined) throw new Error(`A message that no delivery made: ${messageId}`)
    timesTaken.set(delivery, (timesTaken.get(delivery) ?? 0) + times)
  }
  const times = (row: DeliveryRow) => timesTaken.get(`${row.editionId}.${row.id}`) ?? 0
  const addresses = (holds: (row: DeliveryRow) => boolean) =>
    rows.filter(holds).map((row) => row.address)
  return {
    recipients: rows.length,
    received: timesTaken.size,
    accepted: addresses((row) => row.state === 'accepted').length,
    lost: addresses((row) =>
      row.state === 'accepted' ? times(row) === 0 : !finalStates.includes(row.state),
    ),
    doubled: addresses((row) => times(row) > 1),
    unknown: addresses((row) => row.state === 'unknown'),
    refused: addresses((row) => row.state === 'rejected' || row.state === 'failed'),
    unrecorded: addresses(
      (row) => times(row) > 0 && row.state !== 'accepted' && row.state !== 'unknown',
    ),
  }
}
