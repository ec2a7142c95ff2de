/**
 * A Postfix of our own: a real relay and the last server of example.org at once. It listens on a free port of this
 * machine alone, delivers into a Maildir of its own folder, and sends nothing anywhere else. The system's own Postfix, if
 * there is one, is neither used nor touched.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, isHere } from './debian.ts'

export interface PostfixRelay {
  port: number
  url: string
  logFile: string
  log(): Promise<string>
  /** Whole messages in the mailbox of `name`@example.org. */
  mailbox(name: string): Promise<string[]>
  stop(): Promise<void>
}

/** Why it cannot be started here; undefined when it can. Debian's package is installed when we are root. */
export function whyNoPostfix(): string | undefined {
  if (process.getuid?.() !== 0)
    return 'Postfix must be started by root: its tests do not run for other users.'
  if (!isHere('postfix')) install(['postfix'])
  if (isHere('postfix')) return undefined
  return 'Postfix is not here: install it (Debian: apt-get install postfix).'
}

/** `names`: the mailboxes of example.org; every other name is refused with 550. */
export async function startPostfix(names: string[]): Promise<PostfixRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-postfix-'))
  const port = await freePort()
  await writeInstance(folder, names, port)
  const control = (command: string) =>
    execFileSync('postfix', ['-c', join(folder, 'etc'), command], {
      stdio: 'pipe',
      // its log writes hours without a zone
      env: { ...process.env, TZ: 'UTC' },
    })
  try {
    control('start')
  } catch (error) {
    const said = await readFile(join(folder, 'maillog'), 'utf8').catch(() => '')
    await rm(folder, { recursive: true, force: true })
    throw new Error(`Postfix does not start: ${String(error)}\n${said}`, { cause: error })
  }
  let running = true
  return {
    port,
    url: `smtp://127.0.0.1:${port}?tls=none`,
    logFile: join(folder, 'maillog'),
    log: () => readFile(join(folder, 'maillog'), 'utf8'),
    async mailbox(name) {
      const inbox = join(folder, 'mail', name, 'new')
      const files = await readdir(inbox).catch(() => [])
      return Promise.all(files.map((file) => readFile(join(inbox, file), 'utf8')))
    },
    async stop() {
      if (!running) return
      running = false
      control('stop')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Postfix gives up root in most of its parts, so its users must reach the folder. */
async function writeInstance(folder: string, names: string[], port: number): Promise<void> {
  await chmod(folder, 0o755)
  for (const name of ['etc', 'queue', 'data', 'mail']) await mkdir(join(folder, name))
  execFileSync('chown', ['postfix:', join(folder, 'data')])
  execFileSync('chown', ['nobody:', join(folder, 'mail')])
  const mailboxes = names.map((name) => `${name}@example.org ${name}/`)
  await writeFile(join(folder, 'etc', 'mailboxes'), `${mailboxes.join('\n')}\n`)
  await writeFile(join(folder, 'etc', 'main.cf'), mainSettings(folder))
  await writeFile(join(folder, 'etc', 'master.cf'), services(port))
}

const mainSettings = (folder: string): string => `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${folder}/maillog
maillog_file_prefixes = ${folder}
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
# nothing leaves this machine
default_transport = error:5.7.1 this relay mails nobody outside
relayhost =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = none
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = texthash:${folder}/etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
alias_maps =
alias_database =
biff = no
`

// what Debian's master.cf has and this needs; none is chrooted
const services = (port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
