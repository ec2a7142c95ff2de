/** The Friday boletín: from an empty desk to the mailbox, by itself at its hour, and in the report. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, fridayAt15, mondayMorning } from '../support/app.ts'
import { openChromium } from '../http/support.ts'
import { mailsTo, newMailTo } from '../support/outbox.ts'
import { at, office, picture, until, visit, words } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

test('a boletín is written from an empty desk, kept as a draft, marked ready, sent by itself on Friday and counted', async () => {
  const { app, as, moveTo } = await office(browser, mondayMorning, { recipients: 5 })
  const ana = await as('ana')
  await at(ana, 'Agenda')
  expect(await words(ana)).toMatch(/Viernes 27 de noviembre[^]*15:00 Boletín Electoral[^]*falta/)
  await picture(ana, 'agenda')
  await picture(ana, 'agenda-360', { width: 360, height: 760 })
  await ana
    .getByRole('link', { name: /^Boletín Electoral/ })
    .first()
    .click()
  await at(ana, /^Boletín Electoral/)
  await ana.getByRole('link', { name: 'Redactar el contenido' }).click()
  await at(ana, /^Contenido: Boletín Electoral/)

  const field = (name: string) => ana.locator(`[name="${name}"]`)
  const press = (name: string | RegExp) => ana.getByRole('button', { name }).last().click()
  await field('periodo.del').fill('2026-11-23')
  await field('periodo.al').fill('2026-11-27')
  await ana.getByLabel('Titular').fill('Padrón y documentación electoral')
  await ana.getByRole('textbox', { name: 'Entrada' }).fill('Lo que pasó en la semana.')
  await field('secciones.0.clave').selectOption('noticias-iecm')
  await field('secciones.0.titulo').fill('Noticias del IECM')
  await ana.locator('[name=accion][value="agregar:secciones.0.notas"]').click()
  await field('secciones.0.notas.0.titulo').fill('Abre el registro de la Red')
  await press('Guardar borrador')
  await ana
    .getByRole('status')
    .getByText(/^Guardado/)
    .waitFor()
  await at(ana, /^Contenido: Boletín Electoral/)
  await picture(ana, 'boletin-contenido', { height: 1000 })
  await press('Ver qué falta')
  await ana.getByRole('alert').first().waitFor()
  expect(await ana.getByRole('alert').first().innerText()).toContain('Resumen')
  await picture(ana, 'boletin-que-falta', { height: 800 })
  await field('secciones.0.notas.0.resumen').fill('Quien quiera observar puede inscribirse.')
  await field('secciones.0.notas.0.fuente').fill('IECM')
  await press('Agregar sección')
  await field('secciones.1.clave').selectOption('sesiones-ine')
  await field('secciones.1.titulo').fill('Sesiones del INE')
  await ana.locator('[name=accion][value="agregar:secciones.1.notas"]').click()
  await field('secciones.1.notas.0.titulo').fill('Sesión del Consejo General')
  await field('secciones.1.notas.0.resumen').fill('Aprobó los formatos de la documentación.')
  await field('secciones.1.notas.0.fuente').fill('INE')
  await ana.getByRole('button', { name: 'Subir Sección 2 de 2' }).click()
  expect(await field('secciones.0.titulo').inputValue()).toBe('Sesiones del INE')
  await press('Guardar y revisar')
  await at(ana, /^Boletín Electoral/)
  await ana.getByRole('button', { name: 'Marcar como lista' }).click()
  await ana.getByText('No falta nada para que salga a su hora').waitFor()
  await picture(ana, 'boletin-listo', { height: 900 })
  expect(await mailsTo(app, 'persona1@example.org')).toHaveLength(0)

  await moveTo(fridayAt15)
  await visit(ana, 'ana', 'Agenda')
  await ana
    .getByRole('link', { name: /^Boletín Electoral/ })
    .first()
    .click()
  await until(ana, /concluida[^]*aceptado por el servidor/i)
  const mail = await newMailTo(app, 'persona1@example.org')
  expect(mail.subject).toMatch(/^Boletín Electoral \d+\/2026 · Padrón y documentación electoral$/)
  expect(mail.text!.indexOf('Sesión del Consejo')).toBeLessThan(
    mail.text!.indexOf('Abre el registro'),
  )

  await visit(ana, 'ana', 'Informe')
  await ana.getByRole('link', { name: '2026-Q4' }).click()
  await picture(ana, 'informe', { height: 1000 })
  await ana.getByRole('link', { name: 'Apartado IV.3' }).click()
  await eventually(
    () => ana.locator('[id="tabla-IV.3.a.i"]').innerText(),
    (text) => text.includes('Viernes 27 de noviembre de 2026'),
  )

  const luis = await as('luis')
  await visit(luis, 'luis', 'Informe')
  await luis.getByRole('link', { name: '2026-Q4' }).click()
  await luis.getByRole('link', { name: 'Cerrar el trimestre' }).click()
  await at(luis, /^Cerrar/)
  await picture(luis, 'informe-cerrar', { height: 900 })
}, 180_000)
