// A certificate authority of a test, and certificates that it signs for 127.0.0.1.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { scratch } from './cli.ts'

/** Why tests that need certificates are skipped; false when they are not. */
export const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export class Authority {
  readonly #folder: string

  constructor(context: TestContext) {
    this.#folder = scratch(context)
    const [key, pem] = [this.path('ca.key'), this.path('ca.pem')]
    openssl('req', '-x509', ...NEW_KEY, '-days', '2', '-subj', '/CN=test authority', '-keyout', key, '-out', pem)
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name))
  }

  /** NAME.pem and NAME.key. */
  issue(name: string): { readonly cert: Buffer; readonly key: Buffer } {
    const [key, csr, pem] = ['key', 'csr', 'pem'].map(end => this.path(`${name}.${end}`)) as [string, string, string]
    writeFileSync(this.path('extensions'), 'subjectAltName=IP:127.0.0.1,DNS:cache.test\n')
    openssl('req', '-new', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', csr)
    const by = ['-CA', this.path('ca.pem'), '-CAkey', this.path('ca.key'), '-CAcreateserial']
    openssl('x509', '-req', '-in', csr, ...by, '-days', '2', '-extfile', this.path('extensions'), '-out', pem)
    return { cert: this.read(`${name}.pem`), key: this.read(`${name}.key`) }
  }
}

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' })
}
