/** Certificates that openssl makes for one run: one for the sink, one for somebody else. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { install, isHere } from '../support/debian.ts'

export interface Certificate {
  key: string
  cert: string
}

/** `path`: of the certificate, for NODE_EXTRA_CA_CERTS. `name`: `IP:127.0.0.1` or `DNS:relay.example`. */
export async function selfSigned(name: string): Promise<Certificate & { path: string }> {
  if (!isHere('openssl')) install(['openssl'])
  const folder = await mkdtemp(join(tmpdir(), 'pregonero-certificate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [keyPath, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const flags = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sink']
  const files = ['-keyout', keyPath, '-out', path]
  const args = ['req', ...flags, '-addext', `subjectAltName=${name}`, ...files]
  await promisify(execFile)('openssl', args)
  return { key: await readFile(keyPath, 'utf8'), cert: await readFile(path, 'utf8'), path }
}
