/** Every public page in every state that a person may meet, opened one after the other in one browser. */
import { sql } from 'kysely'
import type { Browser, Page, Response } from 'playwright-core'
import { requestsPerHour } from '../../src/audience/subscription-requests.ts'
import { leaveToken } from '../../src/flow/letters.ts'
import { signToken } from '../../src/keys.ts'
import { linkTo, paths } from '../../src/links.ts'
import { addContacts } from '../support/app.ts'
import { newMailTo } from '../support/outbox.ts'
import {
  askOwnLink,
  leaveUrl,
  linkIn,
  publicApp,
  sentNews,
  serve,
  subscribe,
  withoutDatabase,
} from './support.ts'

type Open = (page: Page) => Promise<unknown>
type State = [name: string, title: string, open: Open]

/** In the order in which they are opened: some follow from others. */
async function publicStates(): Promise<{ origin: string; states: State[] }> {
  const app = await publicApp()
  const news = await sentNews(app, 4)
  await addContacts(app, 4, 'lectora', 'comunidad-iecm')
  await subscribe(app, {
    nombre: 'Ana Pérez',
    pais: 'US',
    lista: ['red-observacion', 'voto-chilango'],
  })
  const confirm = linkIn(await newMailTo(app, 'ana@example.org'), '/confirmar')
  await askOwnLink(app, 'lectora4@example.org')
  const own = linkIn(await newMailTo(app, 'lectora4@example.org', 2), '/suscripciones')
  const leave = (number: number) => leaveUrl(app, news, `lectora${number}@example.org`)
  const leaves = await Promise.all([1, 2, 3].map(leave))
  const at = (path: string) => linkTo(app.url, path)
  const tokens = {
    nobody: leaveToken(app.engine, news.id, null),
    forgotten: signToken(app.engine.keys, 'confirm', [999]),
    expired: signToken(app.engine.keys, 'manage', [1, 1]),
    gone: signToken(app.engine.keys, 'manage', [999, 2 ** 40]),
  }
  const broken = await serve({
    ...app.engine,
    get privacy(): never {
      throw new Error('broken')
    },
  })
  const away = await serve(await withoutDatabase(app.engine, app.databaseUrl))
  const crowded = await serve(app.engine)

  const go =
    (url: string): Open =>
    (page) =>
      page.goto(url)
  const press =
    (name: string): Open =>
    (page) =>
      page.getByRole('button', { name }).click()
  const each =
    (...steps: Open[]): Open =>
    async (page) => {
      for (const step of steps) await step(page)
    }
  const fill =
    (label: string, value: string): Open =>
    (page) =>
      page.getByLabel(label, { exact: true }).fill(value)
  const form = at(paths.subscriptions)
  const closeLists = () => app.db.updateTable('list').set({ isOpen: false }).execute()
  const fillHour = () =>
    sql`
      INSERT INTO subscription_request (address, lists, notice_version, created_at, expires_at)
      SELECT n || '@example.com', '{}', '', ${app.clock.now()}, ${app.clock.now()}
      FROM generate_series(1, ${requestsPerHour}::int) AS n`.execute(app.db)
  const audience = JSON.stringify({ lists: ['comunidad-iecm'] })
  const toOfficials = () => app.db.updateTable('edition').set({ audience }).execute()
  const crowd = () => Promise.all(Array.from({ length: 500 }, () => fetch(`${crowded.url}/nada`)))
  const states: State[] = [
    ['inicio', 'Pregonero', go(app.url)],
    ['baja', 'Darse de baja', go(leaves[0]!)],
    ['baja-hecha', 'Listo: se dio de baja', each(go(leaves[1]!), press('Darme de baja'))],
    ['baja-de-antes', 'Ya se dio de baja', go(leaves[1]!)],
    ['baja-repetida', 'Listo: se dio de baja', each(go(leaves[1]!), posting({}))],
    [
      'baja-de-todo',
      'Listo: se dio de baja',
      each(go(leaves[2]!), press('No recibir ningún correo')),
    ],
    ['baja-sin-datos', 'No hay de qué darse de baja', go(at(paths.leave(tokens.nobody)))],
    ['baja-liga-rota', 'La liga no está completa', go(at(paths.leave('AQAAAAAB')))],
    ['suscripciones', 'Suscripciones', go(form)],
    [
      'suscripciones-con-errores',
      'Suscripciones',
      each(go(form), fill('Correo electrónico', 'ana@'), press('Suscribirme')),
    ],
    ['suscripciones-sin-direccion', 'Suscripciones', each(go(form), press('Enviarme la liga'))],
    [
      'suscripciones-enviada',
      'Revise su correo',
      each(
        go(form),
        (page) => page.getByLabel('Voto Chilango').check(),
        fill('Correo electrónico', 'eva@example.org'),
        (page) => page.getByLabel(/Leí el aviso/).check(),
        press('Suscribirme'),
      ),
    ],
    [
      'suscripciones-liga-enviada',
      'Revise su correo',
      each(
        go(form),
        fill('Correo electrónico con el que se suscribió', 'eva@example.org'),
        press('Enviarme la liga'),
      ),
    ],
    ['confirmar', 'Confirme su suscripción', go(confirm)],
    [
      'confirmada',
      'Su suscripción está confirmada',
      each(go(confirm), press('Confirmar mi suscripción')),
    ],
    ['confirmar-usada', 'Esta liga ya se usó', go(confirm)],
    ['confirmar-vencida', 'La liga ya venció', go(at(paths.confirm(tokens.forgotten)))],
    ['mis-suscripciones', 'Mis suscripciones', go(own)],
    [
      'mis-suscripciones-baja',
      'Mis suscripciones',
      each(go(own), press('Darme de baja de Red de Observación')),
    ],
    ['mis-suscripciones-todo', 'Mis suscripciones', each(go(own), press('Darme de baja de todo'))],
    [
      'mis-suscripciones-vencida',
      'La liga ya venció',
      go(at(paths.ownSubscriptions(tokens.expired))),
    ],
    [
      'mis-suscripciones-sin-datos',
      'La liga ya no sirve',
      go(at(paths.ownSubscriptions(tokens.gone))),
    ],
    ['archivo', 'Archivo de publicaciones', go(at(paths.archive))],
    [
      'archivo-publicacion',
      'Noticias de la Red de Observación',
      go(at(paths.publication(news.publication))),
    ],
    [
      'archivo-sin-mas',
      'Noticias de la Red de Observación, página 2',
      go(`${at(paths.publication(news.publication))}?pagina=2`),
    ],
    ['privacidad', 'Aviso de privacidad', go(at(paths.privacy))],
    ['error-404', 'Esta página no existe', go(at('/nada'))],
    ['error-405', 'Esta página no se usa así', each(go(at(paths.privacy)), posting({}))],
    [
      'error-413',
      'El formulario es demasiado largo',
      each(go(form), posting({ correo: 'a'.repeat(20_000) })),
    ],
    ['error-429', 'Demasiadas solicitudes', each(crowd, go(`${crowded.url}/privacidad`))],
    ['error-500', 'Algo falló de nuestro lado', go(`${broken.url}/privacidad`)],
    ['error-503', 'El servicio no está disponible', go(`${away.url}/archivo`)],
    // last: they change what the others need
    [
      'suscripciones-mas-tarde',
      'Inténtelo más tarde',
      each(
        fillHour,
        go(form),
        fill('Correo electrónico con el que se suscribió', 'eva@example.org'),
        press('Enviarme la liga'),
      ),
    ],
    ['suscripciones-cerradas', 'Suscripciones', each(closeLists, go(form))],
    ['baja-de-nada', 'No hay de qué darse de baja', each(toOfficials, go(leaves[0]!))],
  ]
  return { origin: new URL(app.url).hostname, states }
}

/** The address of the page again, with a form that no page has. */
function posting(fields: Record<string, string>): Open {
  return async (page) => {
    const url = page.url()
    await page.route(url, (route) =>
      route.continue({
        method: 'POST',
        postData: new URLSearchParams(fields).toString(),
        headers: {
          ...route.request().headers(),
          'content-type': 'application/x-www-form-urlencoded',
        },
      }),
    )
    await page.goto(url)
    await page.unroute(url)
  }
}

export interface SeenPage {
  name: string
  /** What its h1 should say. */
  title: string
  page: Page
  /** Of its document. */
  bytes: number
  /** What it asked of anybody but its server. */
  outside: string[]
}

/** `scripts`: for what judges the pages; they have none themselves. */
export async function visitEachState(
  browser: Browser,
  { scripts }: { scripts: boolean },
  look: (seen: SeenPage) => Promise<void>,
): Promise<void> {
  const { origin, states } = await publicStates()
  const context = await browser.newContext({ javaScriptEnabled: scripts })
  for (const [name, title, open] of states) {
    const page = await context.newPage()
    const outside: string[] = []
    const documents: Response[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== origin) outside.push(request.url())
    })
    page.on('response', (response) => {
      if (response.request().isNavigationRequest()) documents.push(response)
    })
    await open(page)
    await page.waitForLoadState('load')
    const bytes = (await documents.at(-1)!.body()).length
    await look({ name, title, page, bytes, outside })
    await page.close()
  }
  await context.close()
}
