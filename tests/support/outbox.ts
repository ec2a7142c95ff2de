/** What left in a test: the mails that the local outbox kept. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime, { type Email } from 'postal-mime'
import type { App } from '../../src/app.ts'
import { eventually } from './app.ts'

type WithOutbox = Pick<App, 'outbox'>

/** In order of arrival. */
export async function mailsOf(app: WithOutbox): Promise<Email[]> {
  const files = await filesOf(app)
  return Promise.all(files.map((file) => PostalMime.parse(file)))
}

/** By the envelope, in order of arrival. */
export async function mailsTo(app: WithOutbox, address: string): Promise<Email[]> {
  const files = (await filesOf(app)).filter((file) => file.includes(`X-Envelope-To: <${address}>`))
  return Promise.all(files.map((file) => PostalMime.parse(file)))
}

/** The newest mail to the address, once it has `count` of them. */
export async function newMailTo(app: WithOutbox, address: string, count = 1): Promise<Email> {
  const mails = await eventually(
    () => mailsTo(app, address),
    (found) => found.length === count,
  )
  return mails.at(-1)!
}

async function filesOf({ outbox }: WithOutbox): Promise<Buffer[]> {
  const { folder } = outbox!
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).toSorted()
  return Promise.all(names.map((name) => readFile(join(folder, name))))
}
