import { expect, test } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve } from '../../src/flow/approve.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { returnEdition } from '../../src/flow/return.ts'
import { boletin, editionNow, fridayAt15, testApp, type TestApp } from '../support/app.ts'
import { boletinYaml } from '../support/content.ts'

const reason = 'Falta la fuente de la segunda nota'

/** The boletín as a publication that somebody else approves. */
async function approvedBySomebodyElse(): Promise<TestApp> {
  const publications = [{ ...boletinElectoral, approval: 'second-person' as const }]
  return testApp({ publications })
}

const noticesOf = (app: TestApp) =>
  app.db
    .selectFrom('notice')
    .select(['address', 'subject', 'plainText'])
    .where('kind', '=', 'returned')
    .execute()

test('what is returned has no seal and no approval, says by whom and why, and its author is told', async () => {
  const app = await approvedBySomebodyElse()
  const { id, sealedHash } = await boletin(app)
  await returnEdition(app.engine, app.luis, id, { reason, hash: sealedHash! })
  expect(await editionNow(app, id)).toMatchObject({
    state: 'planned',
    sealedHash: null,
    readyBy: null,
    stateReason: `devuelta por Luis: ${reason}`,
  })
  const [notice, ...others] = await noticesOf(app)
  expect(others).toEqual([])
  expect(notice).toMatchObject({
    address: 'ana@example.org',
    subject: 'Devuelta: Boletín Electoral 2026-W48',
  })
  expect(notice!.plainText).toContain(`Motivo: ${reason}`)
  const row = await app.db
    .selectFrom('auditLog')
    .select(['userId', 'detail'])
    .where('act', '=', 'return')
    .executeTakeFirstOrThrow()
  expect(row).toEqual({ userId: app.luis.id, detail: { reason, sealedHash, was: 'ready' } })
})

test('an approval is taken back too, and the edition can be mended and approved again', async () => {
  const app = await approvedBySomebodyElse()
  const { id, sealedHash } = await boletin(app)
  await approve(app.engine, app.luis, id, sealedHash!)
  await returnEdition(app.engine, app.luis, id, { reason })
  expect(await editionNow(app, id)).toMatchObject({ state: 'planned', approvedBy: null })
  await addContent(app.engine, app.ana, { text: boletinYaml(), place: 'b.yaml' })
  await markReady(app.engine, app.ana, id)
  await approve(app.engine, app.luis, id)
  expect(await editionNow(app, id)).toMatchObject({ state: 'approved', stateReason: null })
})

test('what is held for want of approval can be returned, and stays held', async () => {
  const app = await approvedBySomebodyElse()
  const { id } = await boletin(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await returnEdition(app.engine, app.luis, id, { reason })
  expect(await editionNow(app, id)).toMatchObject({
    state: 'held',
    sealedHash: null,
    stateReason: `devuelta por Luis: ${reason}`,
  })
  await expect(returnEdition(app.engine, app.luis, id, { reason })).rejects.toThrow(
    'nadie la ha marcado como lista',
  )
})

test('the same version returned twice is returned once; another version is not returned by its old seal', async () => {
  const app = await approvedBySomebodyElse()
  const { id, sealedHash } = await boletin(app)
  const hash = sealedHash!
  await Promise.all([1, 2].map(() => returnEdition(app.engine, app.luis, id, { reason, hash })))
  expect(await noticesOf(app)).toHaveLength(1)
  await addContent(app.engine, app.ana, {
    text: boletinYaml({ titular: 'Otro titular' }),
    place: 'b.yaml',
  })
  await markReady(app.engine, app.ana, id)
  await expect(returnEdition(app.engine, app.luis, id, { reason, hash })).rejects.toThrow(
    'ya no es la versión que se revisó',
  )
  expect(await editionNow(app, id)).toMatchObject({ state: 'ready' })
})

test.each([
  ['', 'está vacío'],
  ['x'.repeat(301), 'no debe pasar de 300'],
])('a return without a reason that can be read is refused (%#)', async (given, message) => {
  const app = await approvedBySomebodyElse()
  const { id } = await boletin(app)
  await expect(returnEdition(app.engine, app.luis, id, { reason: given })).rejects.toThrow(message)
  expect(await editionNow(app, id)).toMatchObject({ state: 'ready' })
})

test('who may not approve may not return either, and what nobody marked ready cannot be', async () => {
  const app = await approvedBySomebodyElse()
  const { id } = await boletin(app, { ready: false })
  await expect(returnEdition(app.engine, app.ana, id, { reason })).rejects.toThrow('no puede')
  await expect(returnEdition(app.engine, app.luis, id, { reason })).rejects.toThrow(
    'no se puede devolver: está planeada',
  )
})
