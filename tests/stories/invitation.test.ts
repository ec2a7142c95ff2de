/** An invitation: written in steps, tried, asked for, returned, mended, approved, sent at its hour, seen and counted. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addContacts, eventually, mexicoCity, mondayMorning } from '../support/app.ts'
import { openChromium } from '../http/support.ts'
import { mailsTo, newMailTo } from '../support/outbox.ts'
import { at, office, picture, until, visit, words } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

const next = (page: Page): Promise<void> =>
  page
    .getByRole('button', { name: /^Guardar y continuar/ })
    .last()
    .click()

test('an invitation is written in steps, returned, mended, approved, sent at its hour, followed live and counted', async () => {
  const env = { SENDER_DVOE_RATE_PER_SECOND: '4' }
  const { app, as, moveTo } = await office(browser, mondayMorning, { env })
  await addContacts(app, 40, 'observadora', 'red-observacion')
  const ana = await as('ana')

  await visit(ana, 'ana', 'Correo puntual')
  await at(ana, 'Correo puntual')
  await ana.getByLabel('Invitación a la Red').check()
  await ana.getByRole('button', { name: 'Empezar' }).click()
  await at(ana, 'Asunto y tema')
  await ana.getByLabel('Tema', { exact: true }).selectOption('Talleres de observación')
  await ana
    .getByLabel('Asunto', { exact: true })
    .fill('Invitación: taller «Qué observa quien observa»')
  await picture(ana, 'invitacion-2-asunto', { height: 1000 })
  await next(ana)
  await at(ana, 'Mensaje')
  await ana
    .getByRole('textbox', { name: 'Texto del correo' })
    .fill('Les invitamos al **taller virtual** de este mes.')
  await next(ana)
  await at(ana, 'Evento')
  await ana.getByLabel('Sí', { exact: true }).check()
  await ana.getByLabel('Nombre del evento').fill('Taller «Qué observa quien observa»')
  await ana.getByLabel('Día del evento').fill('2026-12-03')
  await ana.getByLabel('Empieza a las').fill('18:00')
  await ana.getByLabel('Termina a las').fill('19:30')
  await ana.getByLabel('Modalidad').selectOption('virtual')
  await ana.getByLabel('Liga de registro').fill('https://example.org/registro')
  await ana.getByRole('button', { name: 'Comprobar' }).click()
  expect(await words(ana)).toContain('3 de diciembre de 2026 es jueves')
  await picture(ana, 'invitacion-3-evento', { height: 1100 })
  await next(ana)
  await at(ana, 'A quiénes')
  expect(await words(ana)).toContain('40 direcciones')
  await next(ana)
  await at(ana, 'Cuándo')
  await ana.getByLabel('Día').fill('2026-11-25')
  await ana.getByLabel('Hora').fill('10:00')
  await next(ana)
  await at(ana, 'Revisar antes de solicitar')
  await ana.frameLocator('iframe').getByText('Les invitamos al').last().waitFor()
  await picture(ana, 'invitacion-4-revisar', { height: 1000 })
  await ana.getByRole('button', { name: 'Solicitar aprobación' }).click()
  await at(ana, /^Invitación a la Red de Observación/)
  const edition = ana.url().replace(/\?.*/, '')

  await ana.getByRole('link', { name: /^Vista previa/ }).click()
  await at(ana, /^Vista previa/)
  await ana.getByRole('link', { name: 'Móvil' }).click()
  // the frame of the tab before has the same text
  await ana.waitForURL(/como=movil/)
  await ana.frameLocator('iframe').getByText('Les invitamos al').last().waitFor()
  await picture(ana, 'vista-previa', { height: 1000 })
  // by keyboard: the browser may still be scrolling to the tab under the pointer
  await ana.getByRole('link', { name: 'Volver a la edición' }).press('Enter')
  await ana.getByRole('button', { name: 'Enviarme una prueba' }).click()
  await ana.getByText(/Prueba aceptada por el servidor/).waitFor()
  const trial = await newMailTo(app, 'ana@example.org')
  expect(trial.subject).toContain('[PRUEBA]')

  const luis = await as('luis')
  await visit(luis, 'luis', 'Aprobaciones')
  await at(luis, 'Aprobaciones')
  expect(await words(luis)).toContain('1 envío espera')
  await picture(luis, 'aprobaciones', { height: 700 })
  await luis.getByRole('link', { name: /Qué observa quien observa/ }).click()
  await at(luis, /^Invitación a la Red de Observación/)
  expect(await words(luis)).toContain('Qué cambió')
  await luis.getByText('Devolver para que se corrija').click()
  await luis.getByLabel('Motivo', { exact: true }).fill('Decir en el asunto que es virtual')
  await picture(luis, 'aprobar-o-devolver', { height: 1100 })
  await luis.getByRole('button', { name: 'Devolver' }).click()
  await luis.getByText('Devuelta. Se avisa por correo').waitFor()

  await visit(ana, 'ana', 'Agenda')
  expect(await words(ana)).toContain('Decir en el asunto que es virtual')
  await ana
    .getByRole('link', { name: /Invitación a la Red/ })
    .first()
    .click()
  await ana.getByRole('link', { name: 'Editar el contenido' }).click()
  await at(ana, /^Contenido/)
  await ana
    .getByLabel('Asunto', { exact: true })
    .fill('Invitación virtual: taller «Qué observa quien observa»')
  await ana.getByRole('button', { name: 'Guardar y revisar' }).click()
  await at(ana, /^Invitación a la Red de Observación/)
  await ana.getByRole('button', { name: 'Marcar como lista' }).click()
  await ana.getByText('Falta que otra persona la apruebe').waitFor()

  await visit(luis, 'luis', 'Aprobaciones')
  await luis.getByRole('link', { name: /Invitación virtual/ }).click()
  await luis.getByRole('button', { name: 'Aprobar y programar' }).click()
  await luis.getByText(/^Aprobada por Luis/).waitFor()
  await at(luis, /^Invitación a la Red de Observación/)
  expect(await mailsTo(app, 'observadora1@example.org')).toHaveLength(0)

  await moveTo(mexicoCity('2026-11-25T10:00'))
  await visit(luis, 'luis', 'Agenda')
  await luis.goto(edition)
  await until(luis, /Avance del envío/)
  let loads = 0
  await luis.waitForLoadState()
  luis.on('load', () => loads++)
  const accepted = async () =>
    Number(/(\d+) de 40 aceptad/.exec(await luis.locator('[data-live]').innerText())?.[1] ?? 0)
  const first = await accepted()
  await eventually(accepted, (now) => now > first)
  await picture(luis, 'avance', { height: 900 })
  await luis.getByText('Concluido.').waitFor({ timeout: 60_000 })
  expect(loads).toBe(0)
  expect(await accepted()).toBe(40)
  const mail = await newMailTo(app, 'observadora1@example.org')
  expect(mail.subject).toBe('Invitación virtual: taller «Qué observa quien observa»')

  await visit(luis, 'luis', 'Registro')
  await at(luis, 'Registro de envíos')
  await luis.getByLabel('Palabras del asunto').fill('virtual taller')
  await luis.getByRole('button', { name: 'Buscar' }).click()
  expect(await words(luis)).toMatch(/Invitación virtual[^]*Concluido · 40 de 40 aceptados/)
  await picture(luis, 'registro', { height: 800 })

  await visit(luis, 'luis', 'Informe')
  await luis.getByRole('link', { name: '2026-Q4' }).click()
  await at(luis, /^Informe de octubre a diciembre/)
  await luis.getByRole('link', { name: 'Apartado IV.4' }).click()
  await at(luis, /IV\.4/)
  const table = luis.locator('[id="tabla-IV.4.a.ii"]')
  expect(await table.innerText()).toContain('Invitación virtual: taller')
  await picture(luis, 'informe-apartado', { from: table, height: 700 })
}, 240_000)
