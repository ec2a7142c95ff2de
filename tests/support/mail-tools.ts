/** Makes sure that the programs which judge our mails are here: none of them is skipped when it is missing. */
import { execFileSync } from 'node:child_process'

export const chromiumPath = process.env.CHROMIUM || '/usr/bin/chromium'

/** `command`: on PATH or a path. `debianPackage`: what brings it. */
const tools = [
  {
    command: chromiumPath,
    debianPackage: 'chromium',
    hint: ', or give the path of one in CHROMIUM',
  },
  { command: 'java', debianPackage: 'default-jre-headless', hint: '' },
  { command: 'spamassassin', debianPackage: 'spamassassin', hint: '' },
]

export default function setup(): void {
  const absent = tools.filter(({ command }) => !isHere(command))
  if (absent.length === 0) return
  if (process.getuid?.() === 0 && isHere('apt-get'))
    install(absent.map(({ debianPackage }) => debianPackage))
  const missing = absent.filter(({ command }) => !isHere(command))
  if (missing.length === 0) return
  throw new Error(
    missing
      .map(
        ({ command, debianPackage, hint }) =>
          `${command} is not here: install it (Debian: apt-get install ${debianPackage})${hint}`,
      )
      .join('\n'),
  )
}

function isHere(command: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function install(packages: string[]): void {
  process.stderr.write(`Installing ${packages.join(', ')} from the system packages…\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
      env,
      stdio: 'ignore',
    })
  } catch (error) {
    process.stderr.write(`They were not installed: ${String(error)}\n`)
  }
}
