/** A person leaves by the link of the mail that they received: nothing more reaches them, and staff see it. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redObservacionNoticias } from '../../jobs/red-observacion-noticias.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve } from '../../src/flow/approve.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { addContacts, editionNow, eventually, mondayMorning } from '../support/app.ts'
import { linkIn, openChromium } from '../http/support.ts'
import { mailsTo, newMailTo } from '../support/outbox.ts'
import { at, office, picture, visit, words, type Office } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('a person leaves by the link of a mail while the next is on its way: they are left out, and staff see it', async () => {
  const site = await office(browser, mondayMorning, {
    publications: [redObservacionNoticias],
    people: { pilar: ['privacidad'] },
    env: { SENDER_DVOE_RATE_PER_SECOND: '1' },
  })
  const { app, as, moveTo } = site
  await addContacts(app, 6, 'lectora', 'red-observacion')
  // what is prepared is not this story: the two issues of the week
  const [first, second] = [await prepared(site, 0), await prepared(site, 1)]
  await moveTo(first.nominalAt)
  await isSent(site, first)
  const mail = await newMailTo(app, 'lectora6@example.org')

  const reader = await browser.newPage()
  await reader.goto(linkIn(mail, '/baja'))
  expect(await words(reader)).toContain('Red de Observación')
  // a GET, as of a scanner of mail, changes nothing
  expect(await statesOf(site)).not.toContain('left')
  await moveTo(second.nominalAt)
  await eventually(
    () => editionNow(app, second.id),
    ({ state }) => state === 'sending',
  )
  await reader.getByRole('button', { name: 'Darme de baja' }).click()
  await reader.getByText(/Vale desde este momento/).waitFor()
  expect(await statesOf(site)).toContain('left')
  await reader.close()
  await isSent(site, second)
  expect(await mailsTo(app, 'lectora6@example.org')).toHaveLength(1)
  expect(await mailsTo(app, 'lectora1@example.org')).toHaveLength(2)

  const pilar = await as('pilar')
  await visit(pilar, 'pilar', 'Audiencias')
  await pilar.getByRole('link', { name: 'Ver las bajas' }).click()
  await at(pilar, 'Bajas')
  expect(await words(pilar)).toMatch(/lectora6@example\.org\s+Red de Observación/)
  await picture(pilar, 'bajas', { height: 650 })
  await visit(pilar, 'pilar', 'Audiencias')
  await pilar.getByRole('link', { name: /Buscar a una persona/ }).click()
  await at(pilar, /persona/i)
  await pilar.getByRole('textbox').first().fill('lectora6@example.org')
  await pilar.getByRole('button', { name: 'Consultar' }).click()
  await pilar
    .getByText(/se dio de baja|baja/i)
    .first()
    .waitFor()
  await at(pilar, /./)
  await picture(pilar, 'persona', { height: 1000 })

  await visit(pilar, 'pilar', 'Registro')
  await pilar.getByRole('link', { name: /./ }).filter({ hasText: 'guía' }).first().click()
  await at(pilar, /^Noticias de la Red/)
  await pilar.getByRole('link', { name: 'Ver los destinatarios' }).click()
  await at(pilar, /^Destinatarios/)
  expect(await words(pilar)).toMatch(/lectora6@example\.org\s+omitido/)
  const one = pilar.getByRole('heading', { name: 'Uno por uno' })
  await picture(pilar, 'destinatarios', { from: one, height: 700 })
}, 120_000)

async function prepared({ app }: Office, which: number): Promise<Edition> {
  const editions = await app.db.selectFrom('edition').selectAll().orderBy('nominalAt').execute()
  const { period, nominalAt } = editions[which]!
  const sample = sampleFor(redObservacionNoticias.slug, nominalAt, period)
  const { id } = await addContent(app.engine, app.ana, sample, period)
  await markReady(app.engine, app.ana, id, { confirmRepeat: true })
  await approve(app.engine, app.luis, id)
  return editionNow(app, id)
}

async function isSent({ app }: Office, { id }: Edition): Promise<void> {
  await eventually(
    () => editionNow(app, id),
    ({ state }) => state === 'sent',
    30_000,
  )
}

async function statesOf({ app }: Office): Promise<string[]> {
  const rows = await app.db.selectFrom('listMember').select('state').execute()
  return rows.map(({ state }) => state)
}
