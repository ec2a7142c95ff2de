/** The Monday calendar: sessions entered once, sent, and a change of one of them told to the same people. */
import ICAL from 'ical.js'
import type { Browser, Page } from 'playwright-core'
import type { Email } from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mexicoCity } from '../support/app.ts'
import { openChromium } from '../http/support.ts'
import { addContacts } from '../support/app.ts'
import { newMailTo } from '../support/outbox.ts'
import { at, office, picture, signIn, until, visit, words } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('sessions entered once are sent on Monday, and the change of one as an alcance that says what changed', async () => {
  const { app, as, moveTo } = await office(browser, mexicoCity('2026-11-20T10:00'))
  await addContacts(app, 2, 'titular', 'calendario-ine')
  const ana = await as('ana')
  await visit(ana, 'ana', 'Sesiones')
  await at(ana, /^Sesiones del INE/)
  await ana.getByRole('link', { name: 'Semana siguiente' }).click()
  await enter(ana, 'cg-ord-1', 'Consejo General', '2026-11-25', '11:00')
  await enter(ana, 'jge-ord-1', 'Junta General Ejecutiva', '2026-11-26', '12:00')
  await at(ana, /^Sesiones del INE: semana del 23/)
  expect(await words(ana)).toMatch(/Consejo General[^]*Junta General Ejecutiva/)
  await picture(ana, 'sesiones', { height: 700 })

  await openCalendar(ana)
  await ana.getByRole('link', { name: 'Redactar el contenido' }).click()
  await at(ana, /^Contenido: Calendario/)
  await ana.locator('[name="semana.lunes"]').fill('2026-11-23')
  await ana.locator('[name="semana.viernes"]').fill('2026-11-27')
  await ana.getByRole('button', { name: 'Guardar y revisar' }).last().click()
  await at(ana, /^Calendario de sesiones/)
  await ana.frameLocator('iframe').getByText('Consejo General').first().waitFor()
  await ana.getByRole('button', { name: 'Marcar como lista' }).click()
  await ana.getByText('No falta nada para que salga a su hora').waitFor()

  await moveTo(mexicoCity('2026-11-23T08:30'))
  await openCalendar(ana)
  await until(ana, /concluida[^]*aceptado por el servidor/i)
  const edition = ana.url()
  const first = await newMailTo(app, 'titular1@example.org')
  expect(sequences(first)).toEqual([0, 0])

  await visit(ana, 'ana', 'Sesiones')
  await ana.getByRole('link', { name: 'Editar cg-ord-1' }).click()
  await at(ana, 'Sesión del INE')
  await ana.getByLabel(/^Hora/).fill('13:30')
  await ana.locator('[name=estado]').selectOption('reprogramada')
  await ana.getByRole('button', { name: 'Guardar', exact: true }).last().click()
  await at(ana, /^Sesiones del INE/)
  expect(await words(ana)).toContain('13:30 horas')

  await ana.goto(edition)
  await ana.getByText('Corregir lo que se envió').click()
  await ana.getByLabel('Fecha').fill('2026-11-23')
  await ana.getByLabel('Hora de la Ciudad de México').fill('10:00')
  await picture(ana, 'alcance', { from: ana.getByText('Corregir lo que se envió'), height: 600 })
  await ana.getByRole('button', { name: 'Enviar un alcance' }).click()
  // it begins as what was sent, with the session as it is now
  await at(ana, /^Contenido/)
  expect(await ana.locator('[name="sesiones.0.hora"]').inputValue()).toBe('13:30')
  await ana.getByRole('button', { name: 'Guardar y revisar' }).last().click()
  await at(ana, /Calendario de sesiones/)
  await ana.getByRole('button', { name: 'Marcar como lista' }).click()
  await ana.getByText('No falta nada para que salga a su hora').waitFor()
  await moveTo(mexicoCity('2026-11-23T10:00'))
  await ana.reload()
  await signIn(ana, 'ana')
  await until(ana, /concluida[^]*aceptado por el servidor/i)

  const second = await newMailTo(app, 'titular1@example.org', 2)
  expect(second.subject).toContain('Alcance')
  expect(second.text).toMatch(/13:30/)
  expect(second.text).toMatch(/antes|cambi|reprogram/i)
  expect(sequences(second).toSorted((one, other) => one - other)).toEqual([0, 1])
}, 180_000)

async function enter(page: Page, key: string, body: string, day: string, hour: string) {
  await page.getByRole('link', { name: 'Agregar una sesión' }).click()
  await at(page, 'Sesión del INE')
  await page.locator('[name=id]').fill(key)
  await page.locator('[name="organo.nombre"]').fill(body)
  await page.locator('[name=fecha]').fill(day)
  await page.locator('[name=hora]').fill(hour)
  await page.locator('[name=modalidad]').selectOption('virtual')
  await page.locator('[name="fuente.nombre"]').fill('Sitio del INE')
  await page.getByRole('button', { name: 'Guardar', exact: true }).last().click()
  await page.getByRole('heading', { level: 1, name: /^Sesiones del INE/ }).waitFor()
}

async function openCalendar(page: Page) {
  await visit(page, 'ana', 'Agenda')
  await page
    .getByRole('link', { name: /^Calendario de sesiones/ })
    .first()
    .click()
  await at(page, /^Calendario de sesiones/)
}

/** Of each event of the file that the mail carries. */
function sequences({ attachments }: Email): number[] {
  const file = attachments.find(({ mimeType }) => mimeType.includes('calendar'))!
  const content = file.content
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content)
  const events = new ICAL.Component(ICAL.parse(text) as never).getAllSubcomponents('vevent')
  return events.map((event) => Number(event.getFirstPropertyValue('sequence')))
}
