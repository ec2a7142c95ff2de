/** A file of contacts, wherever it lies: it is read as a stream, twice if need be. */
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Problem, messageOf } from '../../errors.ts'

export interface ImportFile {
  /** As people know it, without folders. */
  name: string
  sizeBytes: number
  /** From its first byte, each time. */
  open(): AsyncIterable<Uint8Array>
}

/** `name`: of an upload, whose path says nothing to anybody. Throws a Problem (es) when there is no such file. */
export async function fileAt(path: string, name = basename(path)): Promise<ImportFile> {
  let sizeBytes: number
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new Error('no es un archivo')
    sizeBytes = found.size
  } catch (error) {
    throw new Problem('usage', {
      place: path,
      message: `no se puede leer: ${messageOf(error)}`,
      remedy: 'Revise el nombre y los permisos del archivo',
    })
  }
  return { name, sizeBytes, open: () => createReadStream(path, { highWaterMark: chunkBytes }) }
}

/**
 * What comes once, as standard input and uploads do, kept meanwhile to be read twice. On disk, where it has no name: it
 * is gone with the process, however that ends.
 */
export async function withSpooled<T>(
  source: AsyncIterable<Uint8Array>,
  name: string,
  work: (file: ImportFile) => Promise<T>,
): Promise<T> {
  const handle = await openNameless()
  try {
    let sizeBytes = 0
    for await (const chunk of source) {
      await handle.writeFile(chunk)
      sizeBytes += chunk.length
    }
    return await work({ name, sizeBytes, open: () => chunksOf(handle) })
  } finally {
    await handle.close()
  }
}

/** Whoever opens it closes it; that is the end of it. */
export async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-import-'))
  try {
    return await open(join(folder, 'file'), 'wx+', 0o600)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ;) {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(chunkBytes), position })
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

/** What is in memory already: an example, a test. */
export function fileOf(content: string | Uint8Array, name: string): ImportFile {
  const bytes = Buffer.from(content as Uint8Array)
  return {
    name,
    sizeBytes: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes)
        yield bytes.subarray(at, at + chunkBytes)
    },
  }
}

/** The first bytes, fewer when there are no more. */
export async function headOf(file: ImportFile, count: number): Promise<Buffer> {
  let head = Buffer.alloc(0)
  for await (const chunk of file.open()) {
    head = Buffer.concat([head, chunk])
    if (head.length >= count) break
  }
  return head.subarray(0, count)
}

const chunkBytes = 64 * 1024
