/** The real program as a person runs it, in a folder of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { compileCache } from './process.ts'

const wrapper = fileURLToPath(new URL('../../src/pregonero.mjs', import.meta.url))

export interface Desk {
  folder: string
  pregonero(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>
}

/** `env`: beside PREGONERO_ENV=test. */
export async function desk(env: Record<string, string>): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-desk-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return {
    folder,
    async pregonero(...args) {
      const child = spawn(process.execPath, [wrapper, ...args], {
        cwd: folder,
        env: { ...compileCache, PREGONERO_ENV: 'test', DATA_DIR: join(folder, '.data'), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit') as Promise<[number | null]>,
      ])
      return { code, stdout, stderr }
    },
  }
}
