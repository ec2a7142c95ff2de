/** Contacts from Excel: a file with everything that goes wrong in one, corrected, confirmed and undone. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addContacts, mondayMorning } from '../support/app.ts'
import { openChromium } from '../http/support.ts'
import { at, office, picture, visit, words } from './story.ts'

let browser: Browser

beforeAll(async () => {
  browser = await openChromium()
}, 300_000)
afterAll(() => browser.close())

/** As Excel of Windows writes it: `;`, and ñ and ó of one byte each. */
const excel = (lines: string[]) => ({
  name: 'red.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(lines.join('\r\n'), 'latin1'),
})
/** As Excel writes «CSV UTF-8». */
const withBom = (lines: string[]) => ({
  name: 'red-corregida.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(`\uFEFF${lines.join('\r\n')}`),
})

test('a file with errors is reviewed, corrected, confirmed and undone, and nobody who left comes back', async () => {
  const { app, as } = await office(browser, mondayMorning)
  await addContacts(app, 2, 'observadora', 'red-observacion')
  await app.db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: app.clock.now(), leftReason: 'unsubscribed' })
    .where('contactId', 'in', (eb) =>
      eb.selectFrom('contact').select('id').where('address', '=', 'observadora1@example.org'),
    )
    .execute()
  const members = async () => {
    const rows = await app.db
      .selectFrom('listMember')
      .innerJoin('contact', 'contact.id', 'listMember.contactId')
      .innerJoin('list', 'list.id', 'listMember.listId')
      .select(['address', 'listMember.state'])
      .where('list.slug', '=', 'red-observacion')
      .orderBy('address')
      .execute()
    return rows.map(({ address, state }) => `${address} ${state}`)
  }
  const before = await members()

  const ana = await as('ana')
  await visit(ana, 'ana', 'Audiencias')
  await at(ana, 'Audiencias')
  await ana.getByRole('link', { name: 'Importar contactos' }).click()
  await at(ana, 'Importar contactos')
  const upload = async (file: ReturnType<typeof excel>) => {
    await ana.getByLabel('Archivo CSV o XLSX').setInputFiles(file)
    await ana.getByLabel('Lista de todas las filas').selectOption('red-observacion')
    await ana.getByLabel('Origen del consentimiento').fill('Registro del taller de noviembre')
    await ana.getByLabel('Fecha del consentimiento').fill('2026-11-20')
    await ana.getByLabel(/^Versión del aviso/).fill('2026-11')
    await picture(ana, 'importar-1-archivo', { height: 1000 })
    await ana.getByRole('button', { name: 'Subir y revisar' }).click()
    await ana.getByText(/Paso 2 de 3/).waitFor()
  }
  const good = ['Correo;Nombre', 'nueva@example.org;Íñigo Peña']
  const bad = [
    ...good,
    'no es una dirección;Error',
    'nueva@example.org;Otra vez',
    'observadora1@example.org;Se fue',
  ]
  await upload(excel(bad))
  await at(ana, /Revisar|revisar|Importa/)
  const found = await words(ana)
  expect(found).toContain('Íñigo Peña')
  expect(found).toMatch(/no se importan: 1[^]*se reúnen en una: 1[^]*no se suscriben otra vez: 1/)
  await picture(ana, 'importar-2-hallazgos', {
    from: ana.getByRole('heading', { name: 'Qué tienen las filas' }),
    height: 700,
  })
  await ana.getByRole('button', { name: 'Confirmar la importación' }).click()
  await ana
    .getByRole('alert')
    .getByText(/Marque que se omiten/)
    .waitFor()
  expect(await members()).toEqual(before)
  await ana.getByRole('button', { name: 'Descartar la importación' }).click()

  await visit(ana, 'ana', 'Audiencias')
  await ana.getByRole('link', { name: 'Importar contactos' }).click()
  await upload(withBom([...good, 'observadora1@example.org;Se fue']))
  expect(await words(ana)).toContain('Íñigo Peña')
  await ana.getByRole('button', { name: 'Confirmar la importación' }).click()
  await at(ana, 'Importación confirmada')
  await picture(ana, 'importar-3-confirmada', { height: 900 })
  expect(await members()).toEqual(['nueva@example.org active', ...before].toSorted())
  await ana.getByRole('button', { name: 'Deshacer la importación' }).click()
  await ana.getByRole('heading', { level: 1, name: /deshecha/i }).waitFor()
  expect(await members()).toEqual(before)
}, 120_000)
