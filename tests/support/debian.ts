/** Programs that tests need and npm does not bring: as root on Debian they are installed. */
import { execFileSync } from 'node:child_process'

/** `command`: on PATH, or a path. */
export function isHere(command: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Installs Debian packages where that is possible, and says what it could not. */
export function install(packages: string[]): void {
  if (process.getuid?.() !== 0 || !isHere('apt-get')) return
  process.stderr.write(`Installing ${packages.join(', ')} from the system packages…\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', ['update', '-q'], { env, stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
      env,
      stdio: 'ignore',
    })
  } catch (error) {
    process.stderr.write(`${packages.join(', ')} not installed: ${String(error)}\n`)
  }
}
