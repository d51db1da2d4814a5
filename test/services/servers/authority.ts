// A certificate authority of the test, made by openssl, and a server certificate for loopback.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerFolder } from './launch.ts'
import type { Certificates } from './server.ts'

const DAYS = '30'
const NAMES = 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\nbasicConstraints=CA:FALSE\n'
const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes']

const openssl = (...words: readonly string[]): Buffer => execFileSync('openssl', words, { stdio: 'pipe' })

/** Makes ca.pem, server.pem and server.key in a server's folder, readable by its user. */
export function makeCertificates({ path, owner }: ServerFolder): Certificates {
  const file = (name: string) => join(path, name)
  const [ca, certificate, key] = [file('ca.pem'), file('server.pem'), file('server.key')]
  const caKey = file('ca.key')
  openssl('req', '-x509', ...NEW_KEY, '-days', DAYS, '-subj', '/CN=netally test CA', '-keyout', caKey, '-out', ca)
  openssl('req', ...NEW_KEY, '-subj', '/CN=localhost', '-keyout', key, '-out', file('server.csr'))
  writeFileSync(file('server.ext'), NAMES)
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', DAYS, '-extfile', file('server.ext')]
  openssl('x509', '-req', '-in', file('server.csr'), ...signing, '-out', certificate)
  chmodSync(key, 0o600)
  chmodSync(certificate, 0o644)
  if (owner) for (const made of [ca, certificate, key]) chownSync(made, owner.uid, owner.gid)
  return { ca, certificate, key }
}
