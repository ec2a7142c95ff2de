/** A fortnight of the institution's mailings, from the planner to the outbox: exactly those of jobs/, and no other. */
import { expect, test } from 'vitest'
import { publications } from '../../jobs/index.ts'
import { prepareSampleData } from '../../src/cli/demo-data.ts'
import { onRequestSlugs, simulate } from '../../src/cli/simulate.ts'
import { frozenClock, inMexicoCity } from '../../src/clock.ts'
import { totalsOf } from '../../src/ledger/totals.ts'
import { parseQuarter } from '../../src/report/quarter.ts'
import { quarterReport } from '../../src/flow/report.ts'
import { seedRestDays } from '../../src/schedule/rest-days.ts'
import { mexicoCity, reopenApp, type TestApp } from '../support/app.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { mailsOf } from '../support/outbox.ts'

/** What the outbox holds, once each: when it was sent and of which publication, in order. */
async function mailings(app: Pick<TestApp, 'outbox'>): Promise<string[]> {
  const all = (await mailsOf(app)).map((mail) => {
    const list = mail.headers.find(({ key }) => key === 'list-id')!.value
    const slug = /<([^.]+)\.listas\./.exec(list)![1]!
    return `${inMexicoCity(new Date(mail.date!)).toFormat('ccc dd LLL HH:mm')} ${slug}`
  })
  return [...new Set(all)]
}

test('each mailing of the fortnight leaves at its hour, to its lists, and nothing else leaves', async () => {
  const clock = frozenClock(mexicoCity('2026-09-21T00:00'))
  const app = await reopenApp(await testDatabaseUrl(), { clock, publications })
  await seedRestDays(app.db)
  const staff = await prepareSampleData(app, { contacts: 2 })
  const until = mexicoCity('2026-10-05T00:00')
  const requests = onRequestSlugs(publications)
  const departures = []
  for await (const departure of simulate(app, { clock, staff, until, requests }))
    departures.push(departure)

  const expected = [
    'lun 21 sep 08:30 calendario-ine',
    'lun 21 sep 10:00 pulso-internacional',
    'mar 22 sep 11:00 red-observacion-noticias',
    'mar 22 sep 12:00 red-observacion',
    'mar 22 sep 13:00 nota-ejecutiva',
    'mié 23 sep 10:00 invitacion-red-observacion',
    'jue 24 sep 11:00 red-observacion-noticias',
    'jue 24 sep 12:00 voto-chilango-correo',
    'jue 24 sep 13:00 infografia-internacional',
    'vie 25 sep 15:00 boletin-electoral',
    'lun 28 sep 08:30 calendario-ine',
    'lun 28 sep 10:00 pulso-internacional',
    'mar 29 sep 11:00 red-observacion-noticias',
    // the last working day of September
    'mié 30 sep 12:00 voto-chilango-boletin',
    // the first of October; the second fortnight and the third quarter have ended
    'jue 01 oct 10:00 red-observacion-sesiones',
    'jue 01 oct 11:00 red-observacion-noticias',
    'jue 01 oct 12:00 informe-quincenal',
    'jue 01 oct 12:00 informe-trimestral',
    'vie 02 oct 15:00 boletin-electoral',
  ]
  expect((await mailings(app)).toSorted()).toEqual(expected.toSorted())
  expect(new Set(expected.map((line) => line.split(' ').at(-1)))).toEqual(
    new Set(publications.map(({ slug }) => slug)),
  )
  expect(departures).toHaveLength(expected.length)

  // two people of each list or pair of lists that the sample has: two are in comunidad-iecm and calendario-ine both
  const recipients: Record<string, number> = {
    'boletin-electoral': 6,
    'pulso-internacional': 6,
    'nota-ejecutiva': 6,
    'infografia-internacional': 6,
    'calendario-ine': 4,
  }
  for (const { editionId, publication, accepted } of departures) {
    const due = recipients[publication] ?? 2
    expect([publication, accepted]).toEqual([publication, due])
    expect(await totalsOf(app.db, editionId)).toMatchObject({ accepted: due })
  }
  expect(app.outbox!.count()).toBe(departures.reduce((sum, { accepted }) => sum + accepted, 0))

  const report = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q3'))
  const rows = Object.fromEntries(
    report.sections.flatMap(({ tables }) =>
      tables.map((table) => [table.id, table.rows.map(({ cells }) => cells.slice(1).join(' | '))]),
    ),
  )
  // the monthly boletín of Voto Chilango makes no «comunicación»
  expect(rows['IV.1.a.ii-1']).toHaveLength(1)
  expect(rows['IV.1.a.ii-2']).toEqual([
    '24 de septiembre de 2026. | Envío de información o invitaciones a actividades a la Red "Voto Chilango".',
    '30 de septiembre de 2026. | Boletín informativo "Voto Chilango" septiembre 2026.',
  ])
  expect(rows['IV.2.a.ii']?.[0]).toBe(
    '21 y 28 de septiembre de 2026. | Noticias en temas políticos, electorales y coyunturales más relevantes en el mundo.',
  )
  expect(rows['IV.4.a.ii']).toContain(
    'Septiembre 2026 | Dos noticias semanales en materia electoral durante septiembre de 2026',
  )
  const october = await quarterReport(app.engine, app.reportDefinitions, parseQuarter('2026-Q4'))
  const fortnights = october.sections
    .flatMap(({ tables }) => tables)
    .find(({ id }) => id === 'IV.3.a.iv')
  expect(fortnights?.rows.map(({ cells }) => cells)).toEqual([
    ['1.', 'Segunda quincena de septiembre de 2026', 'Jueves 1 de octubre de 2026'],
  ])
}, 120_000)
