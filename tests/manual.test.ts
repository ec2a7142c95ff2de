/** The staff manual says what is true today: who may do what, the words of the screens, and its pictures. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { may, roles, type Act, type Role } from '../src/people/users.ts'

const page = new URL('../docs/manual.es.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const flat = (words: string): string => words.replaceAll(/\s+/g, ' ')

/** Of each row of its table. */
const acts: Record<string, Act> = {
  'Ver agenda, registro, listas e informe': 'panel.see',
  'Redactar contenido': 'content.add',
  'Marcar como lista': 'edition.ready',
  'Enviarse una prueba': 'edition.test',
  Aprobar: 'edition.approve',
  Devolver: 'edition.return',
  'Cancelar lo propio sin aprobar': 'edition.cancel',
  'Cancelar cualquier envío': 'edition.cancel-any',
  'Pausar, reanudar, reenviar': 'edition.control',
  'Abrir un alcance': 'edition.open',
  'Capturar sesiones del INE': 'sessions.edit',
  'Importar contactos': 'contacts.import',
  'Registrar una baja': 'contacts.suppress',
  'Ver direcciones completas': 'addresses.see',
  'Consultar a una persona': 'person.see',
  'Bloquear o suprimir sus datos': 'person.change',
  'Agregar temas al catálogo': 'topics.add',
  'Capturar renglones y cifras del informe': 'register.edit',
  'Cerrar el trimestre': 'report.close',
  'Cambiar días inhábiles': 'rest-days.edit',
  'Administrar cuentas': 'users.add',
  'Ver la bitácora': 'audit.see',
}

test('its table of roles is that of the code', () => {
  const [, table = ''] = /<!-- roles -->([^]*)<!-- \/roles -->/.exec(text) ?? []
  const rows = [...table.matchAll(/^\| (.+) \|$/gm)]
    .slice(2)
    .map(([, row]) => row!.split('|').map((cell) => cell.trim()))
  const has = (role: Role, act: Act) =>
    may({ id: 0, login: '', name: '', email: '', roles: [role] }, act) ? '✓' : ''
  const expected = Object.entries(acts).map(([name, act]) => [
    name,
    ...roles.map((role) => has(role, act)),
  ])
  expect(rows).toEqual(expected)
})

/** Made of two words there, and said of this page. */
const notOfScreens = ['Agregar sección', 'negritas']

test('the words that it says of the screens are on them', () => {
  const sources = ['../src/http/', '../src/states.ts', '../jobs/']
    .map((path) => new URL(path, import.meta.url))
    .flatMap((url) =>
      url.pathname.endsWith('/')
        ? readdirSync(url, { recursive: true, encoding: 'utf8' })
            .filter((name) => name.endsWith('.ts'))
            .map((name) => readFileSync(new URL(name, url), 'utf8'))
        : [readFileSync(url, 'utf8')],
    )
    .map(flat)
  const said = [...text.matchAll(/\*\*([^*…]+)\*\*/g)].map(([, words]) => flat(words!))
  expect(said.length).toBeGreaterThan(60)
  const missing = said.filter(
    (words) =>
      !notOfScreens.includes(words) &&
      !sources.some((source) => source.toLowerCase().includes(words.toLowerCase())),
  )
  expect([...new Set(missing)]).toEqual([])
})

test('its pictures are there, all of them are shown, and they weigh less than 3 MB', () => {
  const folder = new URL('manual/', page)
  const shown = [...text.matchAll(/<img src="manual\/([^"]+)"[^>]* alt="[^"]+">/g)].map(
    ([, name]) => name!,
  )
  const drawn = readdirSync(folder).filter((name) => name.endsWith('.webp'))
  expect(drawn.toSorted()).toEqual(shown.toSorted())
  const bytes = drawn.reduce((sum, name) => sum + statSync(new URL(name, folder)).size, 0)
  expect(bytes).toBeLessThan(3_000_000)
})
