import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleMessage, samples } from '../../support/sample-mails.ts'

/** It is spam from 5 on; the sender's reputation and what the network says come on top. */
const maxScore = 2

let home: string
const verdicts: { name: string; score: number; rules: string }[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pregonero-spam-'))
})
afterAll(async () => {
  await rm(home, { recursive: true })
  const lines = verdicts.map(
    ({ name, score, rules }) => `${name.padEnd(36)}${score.toFixed(1).padStart(5)}  ${rules}`,
  )
  process.stdout.write(`\nSpamAssassin (spam from 5.0 on)\n${lines.join('\n')}\n\n`)
})

test.each(samples.map((sample) => [sample.name, sample] as const))(
  'SpamAssassin takes %s for honest mail',
  async (name, sample) => {
    const { message, bytes } = await sampleMessage(sample)
    const judged = await spamAssassin(Buffer.concat([received(message.date), bytes]))
    const score = Number(/^X-Spam-Status: .*?score=(-?[\d.]+)/m.exec(judged)?.[1])
    const rules = /^X-Spam-Rules: (.*(?:\r?\n\s.*)*)/m.exec(judged)?.[1]?.replace(/\s+/g, ' ')
    verdicts.push({ name, score, rules: rules ?? '' })
    expect(score, rules).toBeLessThan(maxScore)
  },
)

/** What the reader's server writes. Addresses of documentation in IPv4 count as forged; this one is of IPv6. */
const received = (at: Date): Buffer =>
  Buffer.from(
    `Received: from correo.iecm.mx (correo.iecm.mx [IPv6:2001:db8::25])\r\n` +
      `\tby mx.example.org (Postfix) with ESMTPS id 4fWc6Q1X2Zz9rxT\r\n` +
      `\tfor <ana@example.org>; ${at.toUTCString().replace('GMT', '+0000')}\r\n`,
  )

/** The message with its verdict in the headers: Debian's own rules, no network, nothing learnt or kept. */
async function spamAssassin(message: Buffer): Promise<string> {
  const child = spawn(
    'spamassassin',
    [
      '--local',
      '--nocreate-prefs',
      '--configpath=/usr/share/spamassassin',
      '--cf=use_bayes 0',
      '--cf=report_safe 0',
      '--cf=add_header all Rules _TESTSSCORES_',
    ],
    { env: { ...process.env, HOME: home, LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.stdin.end(message)
  return text(child.stdout)
}
