/** The server of a test with lists that anybody may join, and what the tests of its pages share. */
import type { Browser } from 'playwright-core'
import type { Email } from 'postal-mime'
import { onTestFinished } from 'vitest'
import { boletinElectoral } from '../../jobs/boletin-electoral.ts'
import { redObservacionNoticias } from '../../jobs/red-observacion-noticias.ts'
import { addList, changeList } from '../../src/audience/lists.ts'
import { sampleFor } from '../../src/content/sample.ts'
import { openDatabase } from '../../src/db/database.ts'
import type { Edition } from '../../src/editions/editions.ts'
import { addContent } from '../../src/flow/add-content.ts'
import { approve } from '../../src/flow/approve.ts'
import type { Engine } from '../../src/flow/engine.ts'
import { markReady } from '../../src/flow/mark-ready.ts'
import { plan } from '../../src/flow/plan.ts'
import { release } from '../../src/flow/release.ts'
import { leaveToken } from '../../src/flow/letters.ts'
import { sendBatch } from '../../src/flow/send-batch.ts'
import { startHttpServer, type HttpServer } from '../../src/http/server.ts'
import { linkTo, paths } from '../../src/links.ts'
import {
  addContacts,
  editionNow,
  testApp,
  type TestApp,
  type TestAppOptions,
} from '../support/app.ts'
import { quietLog } from '../support/database.ts'
import { install, isHere } from '../support/debian.ts'
import { openBrowser } from '../support/mail-browser.ts'
import { chromiumPath } from '../support/mail-tools.ts'

export interface PublicApp extends TestApp {
  /** Of its server, which is also its PUBLIC_URL. */
  url: string
}

/** Red de Observación and Voto Chilango are open; the news of the Red are public. Nobody is on any list. */
export async function publicApp(options: TestAppOptions = {}): Promise<PublicApp> {
  const publications = [boletinElectoral, redObservacionNoticias]
  const app = await testApp({ publications, recipients: 0, ...options })
  await changeList(app.db, 'red-observacion', {
    isOpen: true,
    description: 'Noticias y convocatorias para quienes observan las elecciones.',
  })
  const voto = {
    slug: 'voto-chilango',
    name: 'Voto Chilango',
    kind: 'external' as const,
    description: 'Para la comunidad chilanga en el exterior.',
    sender: 'votochilango' as const,
    isOpen: true,
  }
  await addList(app.db, voto, app.clock.now())
  const { url } = await serve(app.engine)
  app.engine.config.publicUrl = url
  return { ...app, url }
}

export async function serve(
  engine: Engine,
  options: { stopGraceMs?: number } = {},
): Promise<HttpServer> {
  const server = await startHttpServer(engine, options)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= server.close())
  onTestFinished(close)
  return { ...server, close }
}

/** Installs Chromium where it is missing: no test of it is skipped. */
export async function openChromium(): Promise<Browser> {
  if (!isHere(chromiumPath)) install(['chromium', 'fonts-liberation'])
  return openBrowser()
}

/** The engine as it is once its database is gone. */
export async function withoutDatabase(engine: Engine, databaseUrl: string): Promise<Engine> {
  const db = await openDatabase(databaseUrl, quietLog)
  await db.destroy()
  return { ...engine, db }
}

/** The news of the week, approved and at their hour: released to lectora1@example.org and so on, nothing sent yet. */
export async function releasedNews(app: PublicApp, readers = 2): Promise<Edition> {
  await addContacts(app, readers, 'lectora', 'red-observacion')
  await plan(app.engine)
  const { id } = await addContent(
    app.engine,
    app.ana,
    sampleFor(redObservacionNoticias.slug, app.clock.now()),
  )
  const { edition } = await markReady(app.engine, app.ana, id)
  await approve(app.engine, app.luis, id)
  app.clock.moveTo(edition.nominalAt)
  await release(app.engine, id)
  return editionNow(app, id)
}

export async function sentNews(app: PublicApp, readers = 2): Promise<Edition> {
  const { id } = await releasedNews(app, readers)
  await sendBatch(app.engine, id, 1)
  return editionNow(app, id)
}

export async function contactId(app: TestApp, address: string): Promise<number> {
  const { id } = await app.db
    .selectFrom('contact')
    .select('id')
    .where('address', '=', address)
    .executeTakeFirstOrThrow()
  return id
}

/** The link to leave of a mail of this edition. */
export async function leaveUrl(
  app: PublicApp,
  edition: Pick<Edition, 'id'>,
  address: string,
): Promise<string> {
  const token = leaveToken(app.engine, edition.id, await contactId(app, address))
  return linkTo(app.url, paths.leave(token))
}

/** `red-observacion: active` and so on, of every list that the address is or was on. */
export async function memberships(app: TestApp, address: string): Promise<string[]> {
  const rows = await app.db
    .selectFrom('listMember')
    .innerJoin('contact', 'contact.id', 'listMember.contactId')
    .innerJoin('list', 'list.id', 'listMember.listId')
    .select(['slug', 'state'])
    .where('address', '=', address)
    .orderBy('slug')
    .execute()
  return rows.map(({ slug, state }) => `${slug}: ${state}`)
}

/** As a form of the pages is sent. Several values of a name are an array. */
export async function post(
  url: string,
  fields: Record<string, string | string[]> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const pairs = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
  return fetch(url, {
    method: 'POST',
    headers,
    body: new URLSearchParams(pairs),
    redirect: 'error',
  })
}

/** A whole request to subscribe; `fields`: what is otherwise. */
export async function subscribe(
  app: PublicApp,
  fields: Record<string, string | string[]> = {},
): Promise<Response> {
  return post(`${app.url}${paths.subscriptions}`, {
    accion: 'suscribir',
    lista: 'red-observacion',
    correo: 'ana@example.org',
    nombre: '',
    pais: '',
    consentimiento: 'si',
    ...fields,
  })
}

export async function askOwnLink(app: PublicApp, address: string): Promise<Response> {
  return post(`${app.url}${paths.subscriptions}`, { accion: 'administrar', correo: address })
}

/** The one link of the kind in a plain mail. */
export function linkIn({ text = '' }: Email, path: string): string {
  const links = text.match(new RegExp(`http\\S*${path}/\\S+`, 'g')) ?? []
  if (links.length !== 1) throw new Error(`${links.length} links to ${path} in:\n${text}`)
  return links[0]
}

/** A page as its reader sees it, without markup. */
export const wordsOf = (html: string): string =>
  html
    .replace(/<style.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;»)])/g, '$1')
    .replace(/([«(]) /g, '$1')
