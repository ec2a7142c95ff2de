/** The file of `--report`: what there is to say of each row of an import. */
import { open, rm, type FileHandle } from 'node:fs/promises'
import { reportHead, reportLines } from '../audience/import-report.ts'
import { Problem, messageOf, shown } from '../errors.ts'
import { reportContacts, type ImportEngine } from '../flow/import-contacts.ts'
import type { User } from '../people/users.ts'

/** Writes the report of a staged import, once. */
export type WriteReport = (engine: ImportEngine, user: User, importId: number) => Promise<void>

/** Opens the file before the work, which writes to it; work that fails leaves none. Without a path nothing is written. */
export async function withReport<T>(
  path: string | undefined,
  work: (write: WriteReport) => Promise<T>,
): Promise<T> {
  if (path === undefined) return work(async () => undefined)
  const file = await create(path)
  try {
    return await work(async (engine, user, importId) => {
      await file.write(reportHead())
      await reportContacts(engine, user, importId, async (remarks) => {
        await file.write(reportLines(remarks))
      })
    })
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** Personal data: for who asked for it, and never in the place of another file. */
async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    const exists = (error as { code?: string }).code === 'EEXIST'
    throw new Problem('usage', {
      place: '--report',
      message: exists ? 'el archivo ya existe' : `no se puede escribir: ${messageOf(error)}`,
      value: shown(path),
      remedy: 'Dé el nombre de un archivo que no exista, en una carpeta que sí',
    })
  }
}
