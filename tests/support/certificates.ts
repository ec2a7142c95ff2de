/** Certificates that openssl makes for one test. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { install, isHere } from './debian.ts'

export interface Certificate {
  key: string
  cert: string
}

/** `openssl req` cannot make one that has expired; `openssl ca` can. */
const config = (name: string) => `
[ca]
default_ca = here
[here]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = subject
[subject]
commonName = supplied
[extensions]
subjectAltName = ${name}
basicConstraints = critical, CA:TRUE
`

const spans = {
  valid: ['20200101000000Z', '20450101000000Z'],
  expired: ['20200101000000Z', '20210101000000Z'],
} as const

/** Signed by itself. `name`: `IP:127.0.0.1` or `DNS:relay.example`. */
export async function certificate(
  name: string,
  span: keyof typeof spans = 'valid',
): Promise<Certificate> {
  if (!isHere('openssl')) install(['openssl'])
  const cwd = await mkdtemp(join(tmpdir(), 'pregonero-certificate-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  await writeFile(join(cwd, 'ca.cnf'), config(name))
  await writeFile(join(cwd, 'index.txt'), '')
  await writeFile(join(cwd, 'serial'), '01\n')
  const openssl = (args: string) => promisify(execFile)('openssl', args.split(' '), { cwd })
  await openssl('req -new -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=relay')
  const [from, to] = spans[span]
  await openssl(
    `ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request.pem -out cert.pem -startdate ${from} -enddate ${to} -extensions extensions -notext`,
  )
  return {
    key: await readFile(join(cwd, 'key.pem'), 'utf8'),
    cert: await readFile(join(cwd, 'cert.pem'), 'utf8'),
  }
}
