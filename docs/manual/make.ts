/** `npm run manual`: tells the stories of tests/stories again, and keeps what is on the screen for docs/manual.es.md. */
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('./', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
for (const name of readdirSync(folder)) if (name.endsWith('.webp')) rmSync(join(folder, name))
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'pages', 'tests/stories'],
  { stdio: 'inherit', env: { ...process.env, MANUAL: folder } },
)
process.exitCode = status ?? 1
