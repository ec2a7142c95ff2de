/** Awkward names, heavy mails and files that cannot be sent, through the whole flow. */
import type { Email } from 'postal-mime'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Problem } from '../../src/errors.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import {
  boletin,
  editionNow,
  eventually,
  fridayAt15,
  startWorkers,
  testApp,
} from '../support/app.ts'
import { importText } from '../support/contacts.ts'
import { boletinYaml } from '../support/content.ts'
import { mailsOf } from '../support/outbox.ts'

const names = [
  'Pérez, Ana "La Güera"',
  "O'Higgins; Luis <luis@example.org>",
  'Ruiz\\Soto (Órgano de control)',
  'Niñas, niños y adolescentes 👩🏽‍💻',
]

test('names with commas, quotes and brackets reach the To header as they are in the list', async () => {
  const app = await testApp({ recipients: 0 })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const rows = names.map((name, i) => `persona${i + 1}@example.org,${quoted(name)}`)
  await importText(app.db, ['correo,nombre', ...rows].join('\n'), {
    list: 'comunidad-iecm',
    at: app.clock.now(),
  })
  const edition = await boletin(app)
  await startWorkers(app)
  app.clock.moveTo(fridayAt15)
  await plan(app.engine)
  await eventually(
    () => editionNow(app, edition.id),
    ({ state }) => state === 'sent',
  )
  const recipients = (await mailsOf(app)).map(({ to }) => to)
  expect(recipients.toSorted((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1))).toEqual(
    names.map((name, i) => [{ name, address: `persona${i + 1}@example.org` }]),
  )
})

const addressOf = (to: Email['to']): string => to?.[0]?.address ?? ''

test('a boletín that weighs too much is refused when it is marked ready, and stays as it was', async () => {
  const app = await testApp()
  const nota = {
    titulo: 'T'.repeat(140),
    resumen: '**ñ** '.repeat(116).trim(),
    fuente: 'F'.repeat(80),
    acuerdos: Array.from({ length: 15 }, () => ({ titulo: 'Á'.repeat(300) })),
  }
  const secciones = ['opl', 'tribunales'].map((clave) => ({
    clave,
    titulo: 'Sección',
    notas: Array.from({ length: 7 }, () => nota),
  }))
  const yaml = JSON.stringify({ ...parse(boletinYaml()), secciones })
  const edition = await boletin(app, { ready: false, yaml })
  await expect(markReady(app.engine, app.ana, edition.id)).rejects.toThrow(
    /contenido: el correo pesa \d{3} KB y no debe pasar de 100 KB.*Acorte los textos/,
  )
  expect(await editionNow(app, edition.id)).toMatchObject({ state: 'planned', sealedHash: null })
})

test('content with files that cannot be sent is refused whole: nothing of it is kept', async () => {
  const app = await testApp()
  await plan(app.engine)
  const sample = parse(boletinYaml()) as { secciones: { notas: { imagen?: object }[] }[] }
  sample.secciones[0]!.notas[0]!.imagen = { archivo: 'cartel.png', alt: 'Cartel' }
  sample.secciones[0]!.notas[1]!.imagen = { archivo: 'foto.jpg', alt: 'Foto' }
  const faults = await addContent(app.engine, app.ana, {
    text: JSON.stringify(sample),
    place: 'boletin.yaml',
    readFile: async (name) =>
      name === 'cartel.png'
        ? Buffer.from('no soy un cartel')
        : { message: 'no está junto al contenido', remedy: 'Póngalo' },
  }).catch((error: unknown) => (error instanceof Problem ? error.faults : []))
  expect(faults).toMatchObject([
    { place: 'boletin.yaml secciones[0].notas[0].imagen' },
    { place: 'boletin.yaml secciones[0].notas[1].imagen' },
  ])
  expect(await app.db.selectFrom('content').select('id').execute()).toEqual([])
  expect(await app.db.selectFrom('storedFile').select('sha256').execute()).toEqual([])
})
