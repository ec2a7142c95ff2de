/** Mailings whose content chooses their lists: who has had what, and who must not have it. */
import { expect, test } from 'vitest'
import { notaEjecutiva } from '../../jobs/nota-ejecutiva.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { openCorrection } from '../../src/flow/correct.ts'
import { invite } from '../../src/flow/invite.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import {
  addContacts,
  editionNow,
  eventually,
  mexicoCity,
  startWorkers,
  testApp,
  type TestApp,
} from '../support/app.ts'

async function notesApp(): Promise<TestApp> {
  const app = await testApp({ publications: [notaEjecutiva] })
  await addContacts(app, 2, 'consejera', 'consejerias')
  return app
}

const note = (audiencia?: string) => {
  const sample = sampleFor('nota-ejecutiva', mexicoCity('2026-11-23T09:00'))
  return audiencia === undefined
    ? sample
    : { ...sample, text: `${sample.text}\naudiencia: ${audiencia}\n` }
}

test('a correction goes to the lists that have what it corrects, and to no other', async () => {
  const app = await notesApp()
  const { edition } = await invite(app.engine, app.ana, note('[consejerias]'))
  await startWorkers(app)
  app.clock.moveTo(edition.nominalAt)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const at = new Date(edition.nominalAt.getTime() + 3_600_000)
  const correction = await openCorrection(app.engine, app.ana, edition.id, at)
  const mended = (audiencia?: string) => {
    const file = note(audiencia)
    return { ...file, text: file.text.replace('2026-11-24 13:00', '2026-11-24 14:00') }
  }
  await addContent(app.engine, app.ana, mended(), correction.period)
  await expect(markReady(app.engine, app.ana, correction.id)).rejects.toThrow(
    /es un alcance de lo que recibió consejerias, y va a otras listas o personas.*audiencia: \[consejerias\]/s,
  )
  await addContent(app.engine, app.ana, mended('[consejerias]'), correction.period)
  const ready = await markReady(app.engine, app.ana, correction.id, { confirmRepeat: true })
  expect(ready.edition).toMatchObject({ state: 'ready', expectedRecipients: 2 })
})

test('one list in common is enough to ask before the same is sent twice', async () => {
  const app = await notesApp()
  await invite(app.engine, app.ana, note('[consejerias]'))
  await expect(invite(app.engine, app.ana, note())).rejects.toThrow('--confirm-repeat')
  await expect(invite(app.engine, app.ana, note('[comunidad-iecm]'))).resolves.toBeDefined()
})
