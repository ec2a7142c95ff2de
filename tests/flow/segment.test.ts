/** Mailings to a part of their lists: whoever lives in some countries, or has some tags. */
import { expect, test } from 'vitest'
import { sampleFor } from '../../src/content/sample.ts'
import { addTopic } from '../../src/content/topics.ts'
import { sealOf, type SealedParts } from '../../src/editions/seal.ts'
import { approve } from '../../src/flow/approve.ts'
import { invite } from '../../src/flow/invite.ts'
import { release } from '../../src/flow/release.ts'
import { listDeliveries } from '../../src/ledger/search.ts'
import { mondayMorning, testApp, type TestApp } from '../support/app.ts'
import { importText } from '../support/contacts.ts'

/** ana and eva in the United States, luis in Canada, sofia nobody knows where; ana and luis want workshops. */
async function observersApp(): Promise<TestApp> {
  const app = await testApp()
  const topic = { key: 'taller-que-observa-quien-observa', name: 'Taller' }
  await addTopic(app.db, topic, app.clock.now())
  const text = [
    'correo,pais,etiquetas',
    'ana@example.org,US,taller',
    'eva@example.org,US,',
    'luis@example.org,CA,taller',
    'sofia@example.org,,',
  ].join('\n')
  const at = app.clock.now()
  await importText(app.db, text, { at, list: 'red-observacion', keys: app.engine.keys })
  return app
}

function invitation(segment?: string) {
  const sample = sampleFor('invitacion-red-observacion', mondayMorning)
  return segment === undefined
    ? sample
    : { ...sample, text: `${sample.text}\nsegmento: ${segment}\n` }
}

const sealed = async (app: TestApp, segment?: string) =>
  (await invite(app.engine, app.ana, invitation(segment), { confirmRepeat: true })).edition

test('a segment is counted when the mailing is made ready, and it alone is mailed', async () => {
  const app = await observersApp()
  const recipients = async (segment?: string) => (await sealed(app, segment)).expectedRecipients
  expect(await recipients()).toBe(4)
  expect(await recipients('{ paises: [US, MX] }')).toBe(2)
  expect(await recipients('{ etiquetas: [taller] }')).toBe(2)
  const edition = await sealed(app, '{ paises: [US], etiquetas: [taller, foro] }')
  expect(edition).toMatchObject({
    expectedRecipients: 1,
    audience: { lists: ['red-observacion'], countries: ['US'], tags: ['taller', 'foro'] },
  })
  await approve(app.engine, app.luis, edition.id, edition.sealedHash!)
  app.clock.moveTo(edition.nominalAt)
  await release(app.engine, edition.id)
  const deliveries = await listDeliveries(app.db, { editionId: edition.id, limit: 10 })
  expect(deliveries.map(({ address }) => address)).toEqual(['ana@example.org'])
})

test('a segment that reaches nobody is refused', async () => {
  const app = await observersApp()
  await expect(sealed(app, '{ paises: [FR] }')).rejects.toThrow(
    'no tiene ninguna dirección ("red-observacion (países: FR)")'.replaceAll('"', ''),
  )
})

test('who is approved is in the seal: another segment is another seal, its order is not', () => {
  const parts: SealedParts = {
    contentSha256: 'a',
    subject: 'a',
    html: 'a',
    plainText: 'a',
    attachments: [],
    senderFrom: 'a@iecm.mx',
    audience: { lists: ['red-observacion'] },
    nominalAt: mondayMorning,
  }
  const seal = (segment: { countries?: string[]; tags?: string[] }) =>
    sealOf({ ...parts, audience: { ...parts.audience, ...segment } })
  const seals = [{}, { countries: ['US'] }, { countries: ['CA'] }, { tags: ['US'] }].map(seal)
  expect(new Set(seals).size).toBe(4)
  expect(seal({ countries: ['US', 'CA'] })).toBe(seal({ countries: ['CA', 'US'] }))
})

test.each([
  ['{ paises: [us] }', 'dos mayúsculas, como US'],
  ['{ paises: [ZZ] }', 'no es la clave de un país (ZZ). Use la clave ISO 3166-1'],
  ['{ paises: [] }', 'paises'],
  ['{ etiquetas: [Taller] }', 'debe escribirse en minúsculas'],
  ['{}', 'no dice a quiénes'],
  ['{ pais: [US] }', 'paises'],
])('«segmento: %s» is refused with what to write', async (segment, said) => {
  const app = await testApp()
  const refusal = await sealed(app, segment).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ kind: 'invalid' })
  expect(String(refusal).replaceAll('"', '')).toContain(said)
})
