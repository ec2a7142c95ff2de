import { expect, test } from 'vitest'
import { readRelayLog } from '../../src/dispatch/relay-log.ts'

const now = new Date('2026-11-28T00:00:00Z')

async function read(text: string, wanted: string[], zone = 'UTC') {
  return readRelayLog(lines(text), { wanted: new Set(wanted), zone, now })
}

async function* lines(text: string): AsyncIterable<string> {
  yield* text.split('\n')
}

/** As Postfix 3.7 wrote it, the addresses changed. */
const traditional = `Nov 27 21:00:22 relay postfix/smtpd[31816]: connect from localhost[127.0.0.1]
Nov 27 21:00:22 relay postfix/smtpd[31816]: B1CAF1DA841: client=localhost[127.0.0.1]
Nov 27 21:00:23 relay postfix/cleanup[31827]: B1CAF1DA841: message-id=<1.2.aaaa@iecm.mx>
Nov 27 21:00:23 relay postfix/qmgr[31814]: B1CAF1DA841: from=<a@iecm.mx>, size=284, nrcpt=1 (queue active)
Nov 27 21:00:23 relay postfix/virtual[31845]: B1CAF1DA841: to=<persona1@example.org>, relay=virtual, delay=0.5, delays=0.49/0.01/0/0, dsn=2.0.0, status=sent (delivered to maildir)
Nov 27 21:00:23 relay postfix/qmgr[31814]: B1CAF1DA841: removed
Nov 27 21:00:25 relay postfix/cleanup[31827]: 8B8DC1DA849: message-id=<1.4.aaaa@iecm.mx>
Nov 27 21:00:26 relay postfix/smtpd[31816]: lost connection after DATA (26045 bytes) from localhost[127.0.0.1]`

test('a message that the queue manager took up was accepted; one that broke off left only its Message-ID', async () => {
  const log = await read(traditional, [
    '<1.2.aaaa@iecm.mx>',
    '<1.4.aaaa@iecm.mx>',
    '<1.5.aaaa@iecm.mx>',
  ])
  expect(log).toMatchObject({
    lines: 8,
    first: new Date('2026-11-27T21:00:22Z'),
    last: new Date('2026-11-27T21:00:26Z'),
  })
  expect([...log.traces]).toEqual([
    [
      '<1.2.aaaa@iecm.mx>',
      {
        queueId: 'B1CAF1DA841',
        taken: true,
        seenAt: new Date('2026-11-27T21:00:23Z'),
        fate: { status: 'sent', text: 'delivered to maildir' },
      },
    ],
    [
      '<1.4.aaaa@iecm.mx>',
      {
        queueId: '8B8DC1DA849',
        taken: false,
        seenAt: new Date('2026-11-27T21:00:25Z'),
        fate: undefined,
      },
    ],
  ])
})

test('ISO hours, long queue ids, other names of the service and folded Message-IDs are read', async () => {
  const text = `2026-11-27T15:00:01.123456-06:00 relay postfix-out/submission/cleanup[9]: 4Xyz0B1qGkzK2pT: message-id=? <7.8.aaaa@iecm.mx>
2026-11-27T15:00:01.200000-06:00 relay postfix-out/qmgr[3]: 4Xyz0B1qGkzK2pT: from=<>, size=9, nrcpt=1 (queue active)
2026-11-27T15:00:03.5-06:00 relay postfix-out/smtp[12]: 4Xyz0B1qGkzK2pT: to=<x@example.org>, orig_to=<y@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1.2, delays=0/0/1/0.2, dsn=4.2.0, status=deferred (host mx said: 450 4.2.0 (try later))`
  const log = await read(text, ['<7.8.aaaa@iecm.mx>'])
  expect(log.first).toEqual(new Date('2026-11-27T21:00:01.123Z'))
  expect(log.traces.get('<7.8.aaaa@iecm.mx>')).toMatchObject({
    queueId: '4Xyz0B1qGkzK2pT',
    taken: true,
    fate: { status: 'deferred', text: 'host mx said: 450 4.2.0 (try later)' },
  })
})

test('a queue id that is used again tells nothing of the message that had it before', async () => {
  const text = `Nov 27 21:00:01 relay postfix/cleanup[1]: ABC123: message-id=<1.1.aaaa@iecm.mx>
Nov 27 21:00:05 relay postfix/cleanup[1]: ABC123: message-id=<somebody@else.example>
Nov 27 21:00:05 relay postfix/qmgr[1]: ABC123: from=<a@else.example>, size=1, nrcpt=1 (queue active)`
  const log = await read(text, ['<1.1.aaaa@iecm.mx>'])
  expect(log.traces.get('<1.1.aaaa@iecm.mx>')).toMatchObject({ taken: false })
})

test('of several tries of one message the one that was taken counts, whichever came last', async () => {
  const text = `Nov 27 21:00:01 relay postfix/cleanup[1]: AAAAAA: message-id=<1.1.aaaa@iecm.mx>
Nov 27 21:00:01 relay postfix/qmgr[1]: AAAAAA: from=<a@iecm.mx>, size=1, nrcpt=1 (queue active)
Nov 27 21:00:05 relay postfix/cleanup[1]: BBBBBB: message-id=<1.1.aaaa@iecm.mx>`
  const log = await read(text, ['<1.1.aaaa@iecm.mx>'])
  expect(log.traces.get('<1.1.aaaa@iecm.mx>')).toMatchObject({ queueId: 'AAAAAA', taken: true })
})

test('hours without a year are of the last year that fits, across New Year too, and in the zone that is given', async () => {
  const text = `Dec 31 23:59:59 relay postfix/anvil[1]: statistics: max
Jan  2 00:00:01 relay postfix/anvil[1]: statistics: max`
  const log = await read(text, [], 'America/Mexico_City')
  expect([log.first, log.last]).toEqual([
    new Date('2026-01-01T05:59:59Z'),
    new Date('2026-01-02T06:00:01Z'),
  ])
})

test('what is no line of Postfix is passed over, and nothing of ours is found in what others say', async () => {
  const text = `Nov 27 21:00:01 relay dovecot[1]: ABC123: message-id=<1.1.aaaa@iecm.mx>
Nov 27 21:00:02 relay postfix/smtpd[3]: warning: non-SMTP command from x: Message-ID: <1.1.aaaa@iecm.mx>
\u0000\u0001 binary`
  const log = await read(text, ['<1.1.aaaa@iecm.mx>'])
  expect([log.lines, log.traces.size]).toEqual([1, 0])
})
