import { expect, test } from 'vitest'
import { suppress } from '../../src/audience/suppressions.ts'
import { personFile } from '../../src/flow/person-file.ts'
import { signToken } from '../../src/keys.ts'
import { linkTo, paths } from '../../src/links.ts'
import { addContacts, addTestUser } from '../support/app.ts'
import { newMailTo } from '../support/outbox.ts'
import {
  askOwnLink,
  contactId,
  linkIn,
  memberships,
  post,
  publicApp,
  wordsOf,
  type PublicApp,
} from './support.ts'

const address = 'lectora1@example.org'

/** lectora1@example.org is on Red de Observación and, as an official, on Comunidad; her own page. */
async function ownPage(): Promise<{ app: PublicApp; url: string; read: () => Promise<string> }> {
  const app = await publicApp()
  await addContacts(app, 1, 'lectora', 'red-observacion')
  await addContacts(app, 1, 'lectora', 'comunidad-iecm')
  await askOwnLink(app, address)
  const url = linkIn(await newMailTo(app, address), '/suscripciones')
  return { app, url, read: async () => wordsOf(await (await fetch(url)).text()) }
}

test('the page shows each list with its state, since when and how it began, and the address only in part', async () => {
  const { read } = await ownPage()
  const page = await read()
  expect(page).toContain('Dirección: le…@example.org')
  expect(page).not.toContain(address)
  expect(page).toMatch(
    /Red de Observación Noticias y convocatorias para .*? Activa desde el 23 de noviembre de 2026\. Origen: registro que hizo el Instituto el 23 de noviembre de 2026\. Darme de baja de Red de Observación/,
  )
  expect(page).toMatch(/Comunidad Activa desde .*? Es una lista interna/)
  expect(page).toMatch(/Otras listas Voto Chilango .*? Suscribirme a Voto Chilango/)
  expect(page).toContain('unidad.transparencia@iecm.mx')
})

test('what the institution called its file is for staff; a subscription of one’s own says how it came', async () => {
  const { app, url, read } = await ownPage()
  const { origin } = await app.db
    .selectFrom('listMember')
    .select('origin')
    .where('importId', 'is not', null)
    .executeTakeFirstOrThrow()
  expect(await read()).not.toContain(origin)
  await post(url, { alta: 'voto-chilango' })
  expect(await read()).toContain('Origen: formulario público.')
  const eva = await addTestUser(app, 'eva', ['privacidad'])
  const file = await personFile(app.engine, eva, address, 'person.show')
  expect(file.listas.map(({ origen }) => origen)).toContain(origin)
})

test('each button does what it says at once, and again changes nothing', async () => {
  const { app, url } = await ownPage()
  const press = async (fields: Record<string, string>) => {
    app.clock.advance(1_000)
    const answer = await post(url, fields)
    expect(answer.status).toBe(200)
    await post(url, fields)
    return { page: wordsOf(await answer.text()), lists: await memberships(app, address) }
  }
  const joined = await press({ alta: 'voto-chilango' })
  expect(joined.page).toContain('Se suscribió a «Voto Chilango»')
  expect(joined.lists).toEqual([
    'comunidad-iecm: active',
    'red-observacion: active',
    'voto-chilango: active',
  ])
  const left = await press({ baja: 'red-observacion' })
  expect(left.page).toContain('Se dio de baja de «Red de Observación»')
  expect(left.lists).toEqual([
    'comunidad-iecm: active',
    'red-observacion: left',
    'voto-chilango: active',
  ])
  const none = await press({ todas: 'si' })
  expect(none.page).toContain('Se dio de baja de todo')
  expect(none.lists).toEqual([
    'comunidad-iecm: active',
    'red-observacion: left',
    'voto-chilango: left',
  ])
  const back = await press({ alta: 'red-observacion' })
  expect(back.lists).toEqual([
    'comunidad-iecm: active',
    'red-observacion: active',
    'voto-chilango: left',
  ])
  const events = await app.db
    .selectFrom('membershipEvent')
    .innerJoin('list', 'list.id', 'listId')
    .select(['act', 'slug', 'origin'])
    .orderBy('membershipEvent.id')
    .execute()
  expect(events.slice(2).map(({ act, slug, origin }) => `${act} ${slug}: ${origin}`)).toEqual([
    'joined voto-chilango: formulario público',
    'left red-observacion: baja por la página propia',
    'left voto-chilango: baja por la página propia',
    'joined red-observacion: formulario público',
  ])
  const { evidence, noticeVersion, consentedOn } = await app.db
    .selectFrom('listMember')
    .selectAll()
    .where('evidence', '=', 'página propia')
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow()
  expect({ evidence, noticeVersion, consentedOn }).toEqual({
    evidence: 'página propia',
    noticeVersion: '2026-11',
    consentedOn: '2026-11-23',
  })
})

test('what the page does not offer cannot be done by a crafted form', async () => {
  const { app, url } = await ownPage()
  for (const fields of [{ baja: 'comunidad-iecm' }, { alta: 'consejerias' }, { baja: 'x' }, {}]) {
    expect((await post(url, fields)).status).toBe(200)
  }
  expect(await memberships(app, address)).toEqual([
    'comunidad-iecm: active',
    'red-observacion: active',
  ])
})

test('a person whose mail bounced sees it, and starts again with one button', async () => {
  const { app, url, read } = await ownPage()
  await suppress(app.db, app.engine.keys, {
    address,
    scope: 'all',
    reason: 'bounced',
    at: app.clock.now(),
  })
  expect(await read()).toContain(
    'Activa, sin envíos desde el 23 de noviembre de 2026. Su buzón rechazó nuestros correos.',
  )
  app.clock.advance(1_000)
  await post(url, { alta: 'red-observacion' })
  // of the other list no consent was given
  expect(await read()).toMatch(
    /Red de Observación .*? Activa desde .*? Comunidad Activa, sin envíos/,
  )
})

test('a link is good for a day, for its person, and as it was made', async () => {
  const { app, url } = await ownPage()
  app.clock.advance(24 * 3_600_000)
  for (const answer of [await fetch(url), await post(url, { todas: 'si' })]) {
    expect(answer.status).toBe(410)
    expect(wordsOf(await answer.text())).toContain('La liga ya venció')
  }
  const id = await contactId(app, address)
  const until = Math.floor(app.clock.now().getTime() / 1000) + 60
  const of = (contact: number) =>
    linkTo(app.url, paths.ownSubscriptions(signToken(app.engine.keys, 'manage', [contact, until])))
  expect((await fetch(of(id))).status).toBe(200)
  expect((await fetch(of(999))).status).toBe(410)
  const altered = of(id).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))
  expect((await post(altered, { todas: 'si' })).status).toBe(404)
  expect(await memberships(app, address)).toContain('red-observacion: active')
})
