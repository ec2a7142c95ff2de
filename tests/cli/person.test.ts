/** A person's rights, lists and masked addresses, as staff type them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase, type Db } from '../../src/db/database.ts'
import { addList } from '../../src/audience/lists.ts'
import { addUser, type Role } from '../../src/people/users.ts'
import { release } from '../../src/flow/release.ts'
import { suppressAddress } from '../../src/flow/suppress-address.ts'
import { boletin, fridayAt15, mondayMorning as at, testApp } from '../support/app.ts'
import { importText } from '../support/contacts.ts'
import { quietLog, testDatabaseUrl } from '../support/database.ts'
import { desk, type Desk } from '../support/desk.ts'

const address = 'persona@example.org'

interface PrivacyDesk extends Desk {
  /** Runs a command line; fails unless it ends with 0, with nothing on stderr. */
  run(line: string): Promise<string>
  withDb<T>(work: (db: Db) => Promise<T>): Promise<T>
}

/** ana writes, luis operates, eva answers for personal data; one person on two lists. */
async function privacyDesk(): Promise<PrivacyDesk> {
  const url = await testDatabaseUrl()
  const withDb = async <T>(work: (db: Db) => Promise<T>) => {
    const db = await openDatabase(url, quietLog)
    try {
      return await work(db)
    } finally {
      await db.destroy()
    }
  }
  await withDb(async (db) => {
    const staff: [string, Role][] = [
      ['ana', 'capturista'],
      ['luis', 'operacion'],
      ['eva', 'privacidad'],
    ]
    for (const [login, role] of staff)
      await addUser(db, { login, name: login, email: `${login}@iecm.mx`, roles: [role] }, at)
    await addList(db, { slug: 'prensa', name: 'Prensa', kind: 'internal' }, at)
    await addList(db, { slug: 'foros', name: 'Foros', kind: 'external' }, at)
    await importText(
      db,
      `correo,nombre,lista,pais,etiquetas\n${address},Ana,prensa foros,US,taller\n`,
      { at },
    )
  })
  const { folder, pregonero } = await desk({ DATABASE_URL: url })
  const run = async (line: string) => {
    const args = line.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''))
    const answer = await pregonero(...args)
    expect(answer, line).toMatchObject({ code: 0, stderr: '' })
    return answer.stdout
  }
  return { folder, pregonero, run, withDb }
}

test('a person is shown, given their file, mended, blocked, and erased when their time has come', async () => {
  const { folder, pregonero, run, withDb } = await privacyDesk()
  const shown = await run(`person show ${address} --as eva`)
  for (const words of ['persona@example.org', 'Estados Unidos', 'Prensa', 'Foros', 'Sin envíos'])
    expect(shown).toContain(words)
  const refused = await pregonero('person', 'show', address, '--as', 'luis')
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('privacidad')
  const nobody = await pregonero('person', 'show', 'otra@example.org', '--as', 'eva')
  expect(nobody).toMatchObject({ code: 5, stdout: '' })
  expect(nobody.stderr).not.toContain('otra@')

  const file = join(folder, 'expediente.html')
  const written = await run(`person export ${address} --format html --out ${file} --as eva`)
  expect(written).toContain('Entréguelo y bórrelo')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toContain('<dd>persona@example.org</dd>')
  const again = await pregonero(
    ...`person export ${address} --format html --out ${file} --as eva`.split(' '),
  )
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('--out') })
  const json = JSON.parse(await run(`person export ${address} --format json --as eva`))
  expect(json).toMatchObject({ persona: { nombre: 'Ana' }, listas: [{}, {}] })

  await run(`person rectify ${address} --name 'Ana Ruiz' --reason 'solicitud 12' --as eva`)
  const blocked = await run(`person block ${address} --reason 'solicitud 12' --as eva`)
  expect(blocked).toContain('Datos bloqueados; 0 envíos en curso detenidos')
  const early = await pregonero('person', 'erase', address, '--reason', 'x', '--as', 'eva')
  expect(early).toMatchObject({ code: 4, stderr: expect.stringContaining('plazo de bloqueo') })
  await run(`person unblock ${address} --reason 'la retiró' --as eva`)
  await run(`person block ${address} --reason 'solicitud 13' --as eva`)
  await run(`person erase ${address} --now --reason 'orden 9' --as eva`)
  const [{ contactId }] = (await withDb((db) =>
    db.selectFrom('personAccess').select('contactId').limit(1).execute(),
  )) as [{ contactId: number }]
  const looks = await run(`person accesses ${contactId} --as eva`)
  for (const words of ['consulta', 'copia de sus datos', 'supresión', 'eva'])
    expect(looks).toContain(words)
}, 120_000)

test('who asks by telephone is left in peace, and nothing but a consent undoes it', async () => {
  const { pregonero, run } = await privacyDesk()
  const how = "--how 'por teléfono' --as ana"
  expect(await run(`person leave ${address} --list foros ${how}`)).toContain('Baja anotada')
  expect(await run(`person leave ${address} --external ${how}`)).toContain('Baja anotada')
  const both = `person leave ${address} --list foros --external --how x --as ana`.split(' ')
  expect(await pregonero(...both)).toMatchObject({ code: 2, stdout: '' })
  expect(await pregonero('person', 'leave', address, '--how', 'x', '--as', 'ana')).toMatchObject({
    code: 2,
  })
  const bounced = `person suppress ${address} --all --reason bounced --as luis`
  expect(await run(bounced)).toContain('Dirección excluida: su dirección rechaza el correo')
  expect(await run(bounced)).toContain('Ya estaba excluida')
  const mistyped = await pregonero(
    ...`person suppress ${address} --all --reason bounce --as luis`.split(' '),
  )
  expect(mistyped).toMatchObject({ code: 2, stderr: expect.stringContaining('bounced?') })
  const noted = await pregonero(
    ...`person suppress ${address} --list foros --reason staff --as luis`.split(' '),
  )
  expect(noted).toMatchObject({ code: 2, stderr: expect.stringContaining('--note') })
}, 120_000)

test('lists say who writes to them and how many they have, are changed, and an audience is counted before it is mailed', async () => {
  const { pregonero, run } = await privacyDesk()
  await run(
    "contacts add-list red --name Red --kind external --description 'Talleres' --sender votochilango --open --as luis",
  )
  await run("contacts set-list red --name 'Red de Observación' --no-open --as luis")
  const lists = JSON.parse(await run('contacts lists --json'))
  expect(lists).toMatchObject([
    { slug: 'foros', kind: 'external', sender: 'dvoe', active: 1, left: 0 },
    { slug: 'prensa', kind: 'internal', isOpen: false, active: 1 },
    { slug: 'red', name: 'Red de Observación', sender: 'votochilango', isOpen: false, active: 0 },
  ])
  expect(await run('contacts lists')).toContain('externa')
  const wrong = await pregonero('contacts', 'set-list', 'prensa', '--open', '--as', 'luis')
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('--open') })

  const count = async (options: string) => JSON.parse(await run(`contacts count ${options} --json`))
  expect(await count('--list foros --list prensa')).toEqual({
    recipients: 1,
    excluded: {},
    left: 0,
  })
  expect(await count('--list foros --country mx --country us --tag taller')).toMatchObject({
    recipients: 1,
  })
  expect(await count('--list foros --country mx --state active')).toEqual({
    recipients: 0,
    excluded: {},
  })
  await run(`person leave ${address} --list foros --how carta --as ana`)
  await run(`person suppress ${address} --all --reason complaint --as ana`)
  expect(await count('--list foros --state left')).toEqual({ left: 1 })
  expect(await run('contacts count --list prensa')).toContain('Excluidas: lo marcó como no deseado')
  const unknown = await pregonero('contacts', 'count', '--list', 'foro')
  expect(unknown).toMatchObject({ code: 5, stderr: expect.stringContaining('¿Quiso decir foros?') })
}, 120_000)

test('deliveries show addresses masked to whom need not see them, and a search for a person is written down', async () => {
  const app = await testApp()
  const { id } = await boletin(app)
  await suppressAddress(app.engine, app.ana, 'persona2@example.org', {
    scope: 'all',
    reason: 'complaint',
    note: '',
  })
  await app.db
    .updateTable('listMember')
    .set({ state: 'left', leftAt: at })
    .where('contactId', '=', (query) =>
      query.selectFrom('contact').select('id').where('address', '=', 'persona3@example.org'),
    )
    .execute()
  app.clock.moveTo(fridayAt15)
  await release(app.engine, id)
  const { pregonero } = await desk({ DATABASE_URL: app.databaseUrl })
  const addresses = async (...options: string[]) => {
    const { stdout } = await pregonero('deliveries', ...options, '--json')
    return (JSON.parse(stdout) as { address: string }[]).map((row) => row.address)
  }
  const masked = ['pe…@example.org', 'pe…@example.org']
  expect(await addresses('--edition', String(id))).toEqual(masked)
  expect(await addresses('--edition', String(id), '--as', 'ana')).toEqual(masked)
  const whole = ['persona1@example.org', 'persona2@example.org']
  expect(await addresses('--edition', String(id), '--as', 'luis')).toEqual(whole)
  expect((await pregonero('deliveries', '--edition', String(id))).stdout).not.toContain('persona1')

  const one = ['--address', 'Persona1@example.org']
  expect(await pregonero('deliveries', ...one)).toMatchObject({ code: 2, stdout: '' })
  expect(await pregonero('deliveries', ...one, '--as', 'ana')).toMatchObject({ code: 4 })
  expect(await addresses(...one, '--as', 'luis')).toEqual(['persona1@example.org'])
  const looks = await app.db
    .selectFrom('personAccess')
    .select(['userId', 'act'])
    .where('act', '=', 'deliveries.search')
    .execute()
  expect(looks).toEqual([{ userId: app.luis.id, act: 'deliveries.search' }])

  const { stdout } = await pregonero('edition', 'show', String(id))
  expect(stdout).toMatch(/lo marcó como no deseado\s*│\s*1/)
  expect(stdout).toContain('Además, 1 persona había dejado sus listas.')
}, 120_000)
