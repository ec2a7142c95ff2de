/** From a received mail to a list left: what a mail program does with List-Unsubscribe-Post, while an edition is on its way. */
import { readFileSync } from 'node:fs'
import type { Email } from 'postal-mime'
import { expect, onTestFinished, test } from 'vitest'
import { addTopic } from '../../src/content/topics.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { approve } from '../../src/flow/approve.ts'
import { invite } from '../../src/flow/invite.ts'
import { plan } from '../../src/flow/plan.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { suppressedByReason, totalsOf } from '../../src/ledger/totals.ts'
import {
  addContacts,
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  mexicoCity,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'
import { mailsTo, newMailTo } from '../support/outbox.ts'

const sample = readFileSync(
  new URL('../../jobs/samples/invitacion-red-observacion.yaml', import.meta.url),
  'utf8',
)
const recipients = 6

test('a person who leaves by one click is out of the edition that is on its way, and of every later one', async () => {
  const app = await redApp()
  const first = await released(app, '2026-11-25 10:00')
  await eventually(
    () => editionNow(app, first.id),
    ({ state }) => state === 'sent',
  )
  const mail = await newMailTo(app, 'observadora6@example.org')
  const url = oneClickUrl(mail)

  // one message a second: the last of them waits for five seconds
  app.engine.config.senders.dvoe.ratePerSecond = 1
  const second = await released(app, '2026-11-26 10:00')
  await eventually(
    () => totalsOf(app.db, second.id),
    ({ accepted }) => accepted > 0,
  )
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    redirect: 'error',
  })
  expect(answer.status).toBe(200)
  await eventually(
    () => editionNow(app, second.id),
    ({ state }) => state === 'sent',
    20_000,
  )
  expect(await totalsOf(app.db, second.id)).toMatchObject({
    accepted: recipients - 1,
    suppressed: 1,
  })
  expect(await suppressedByReason(app.db, second.id)).toEqual({ unsubscribed: 1 })
  expect(await mailsTo(app, 'observadora6@example.org')).toHaveLength(1)

  app.engine.config.senders.dvoe.ratePerSecond = 10_000
  const third = await released(app, '2026-11-27 10:00')
  await eventually(
    () => editionNow(app, third.id),
    ({ state }) => state === 'sent',
  )
  expect(await totalsOf(app.db, third.id)).toMatchObject({
    accepted: recipients - 1,
    suppressed: 0,
  })
  const { leftOut } = await app.db
    .selectFrom('edition')
    .select('leftOut')
    .where('id', '=', third.id)
    .executeTakeFirstOrThrow()
  expect(leftOut).toBe(1)
  expect(await mailsTo(app, 'observadora6@example.org')).toHaveLength(1)
})

test('the mail says how to leave in its header, its HTML and its text, by links without an address', async () => {
  const app = await redApp()
  const edition = await released(app, '2026-11-25 10:00')
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const mails = await Promise.all([1, 2].map((n) => newMailTo(app, `observadora${n}@example.org`)))
  const urls = mails.map(oneClickUrl)
  expect(new Set(urls).size).toBe(2)
  for (const [i, mail] of mails.entries()) {
    const url = urls[i]!
    expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    expect(mail.headers.filter(({ key }) => key === 'list-unsubscribe')).toHaveLength(1)
    expect(header(mail, 'list-unsubscribe')).toMatch(
      /^<http[^<>\s]+>, <mailto:bajas@iecm\.mx\?subject=Baja%20[\w-]+>$/,
    )
    expect(mail.html).toContain(`href="${url}"`)
    expect(mail.text).toContain(`Para darse de baja: ${url}`)
    expect(decodeURIComponent(url)).not.toMatch(/observadora|@|red-observacion/)
  }
})

test('an internal publication carries no way to leave', async () => {
  const app = await testApp()
  const edition = await boletin(app)
  await startWorkers(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const mail = await newMailTo(app, 'persona1@example.org')
  expect(mail.headers.map(({ key }) => key)).not.toContain('list-unsubscribe')
  expect(mail.html).not.toContain('/baja/')
  expect(mail.html).not.toMatch(/de baja/)
})

/** Six people of the Red, and the server where their links lead. */
async function redApp(): Promise<TestApp> {
  const app = await testApp()
  await addTopic(
    app.db,
    { key: 'taller-que-observa-quien-observa', name: 'Taller' },
    app.clock.now(),
  )
  await addContacts(app, recipients, 'observadora', 'red-observacion')
  const server = await startHttpServer(app.engine)
  onTestFinished(() => server.close())
  app.engine.config.publicUrl = server.url
  await startWorkers(app, 1)
  return app
}

/** An approved invitation at its hour, on its way. */
async function released(app: TestApp, leavesAt: string): Promise<Edition> {
  const text = sample
    .replace(/^envio: .*$/m, `envio: ${leavesAt}`)
    .replace(/^asunto: .*$/m, `asunto: Invitación para el ${leavesAt}`)
  const { edition } = await invite(
    app.engine,
    app.ana,
    { text, place: 'invitacion.yaml' },
    { confirmRepeat: true },
  )
  await approve(app.engine, app.luis, edition.id, edition.sealedHash!)
  app.clock.moveTo(mexicoCity(leavesAt.replace(' ', 'T')))
  await plan(app.engine)
  return edition
}

const header = (mail: Email, key: string): string =>
  mail.headers.find((one) => one.key === key)?.value ?? ''

/** As RFC 8058 has a mail program find it: the https (here http, on the loopback) entry of List-Unsubscribe. */
function oneClickUrl(mail: Email): string {
  const [, url] = /<(http[^>]+)>/.exec(header(mail, 'list-unsubscribe')) ?? []
  if (!url) throw new Error(`No URL in ${header(mail, 'list-unsubscribe')}`)
  return url
}
