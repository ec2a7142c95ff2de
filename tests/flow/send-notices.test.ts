import { expect, test } from 'vitest'
import { sendNotices } from '../../src/flow/send-notices.ts'
import { claimNotices, forgetPersonalNotices, writeNotice } from '../../src/notices/notices.ts'
import type { SenderSlug } from '../../src/settings.ts'
import { testApp, type TestApp } from '../support/app.ts'
import { testRelay } from '../support/relay.ts'

async function write(app: TestApp, occasion: string, sender: SenderSlug, forStaff = false) {
  const notice = { kind: 'subscription' as const, editionId: null, occasion, sender, forStaff }
  const text = { subject: occasion, plainText: 'Texto' }
  await writeNotice(app.db, { ...notice, ...text }, [`${sender}@example.org`], app.clock.now())
}

const allowed = { MAIL_ALLOWLIST: '@example.org' }

test('a crowd of notices leaves at once, each from its account and with the end that its reader needs', async () => {
  const relay = await testRelay()
  const env = {
    ...allowed,
    SENDER_DVOE_RELAY_URL: relay.url,
    SENDER_VOTOCHILANGO_RELAY_URL: relay.url,
  }
  const app = await testApp({ env })
  for (let i = 0; i < 45; i++) await write(app, `person ${i}`, 'votochilango')
  await write(app, 'staff', 'dvoe', true)
  await sendNotices(app.engine)
  expect(relay.taken).toHaveLength(46)
  const [person, staff] = [relay.taken[0]!.text, relay.taken.at(-1)!.text]
  expect(person).toMatch(/^From: Voto Chilango <votochilango@iecm\.mx>/m)
  expect(person).toContain('Aviso de privacidad: http://localhost:3000/privacidad')
  expect(person).not.toContain('Pregonero')
  expect(staff).toMatch(/^From:[^:]+<dvoe@iecm\.mx>/m)
  expect(staff).toContain('No se cuenta como')
})

test('an account whose relay is down does not keep the mail of the others waiting', async () => {
  const [down, up] = [await testRelay(), await testRelay()]
  await down.close()
  const env = { ...allowed, SENDER_DVOE_RELAY_URL: down.url, SENDER_VOTOCHILANGO_RELAY_URL: up.url }
  const app = await testApp({ env })
  for (let i = 0; i < 25; i++) await write(app, `stuck ${i}`, 'dvoe')
  await write(app, 'free', 'votochilango')
  for (let plan = 0; plan < 2; plan++) {
    app.clock.advance(60_000)
    await sendNotices(app.engine)
  }
  expect(up.taken).toHaveLength(1)
  app.clock.advance(60_000)
  expect(await claimNotices(app.db, app.clock.now())).toHaveLength(20)
})

test('what was said to staff is kept; what was said to a person goes a day after it left', async () => {
  const relay = await testRelay()
  const env = { ...allowed, SENDER_DVOE_RELAY_URL: relay.url }
  const app = await testApp({ env })
  await write(app, 'person', 'dvoe')
  await write(app, 'staff', 'dvoe', true)
  await sendNotices(app.engine)
  app.clock.advance(24 * 3_600_000)
  expect(await forgetPersonalNotices(app.db, app.clock.now())).toBe(0)
  app.clock.advance(1)
  expect(await forgetPersonalNotices(app.db, app.clock.now())).toBe(1)
  const left = await app.db.selectFrom('notice').select('occasion').execute()
  expect(left).toEqual([{ occasion: 'staff' }])
})
