// Certificate, key and authority of a TLS listener.
import { readFile } from 'node:fs/promises'
import { ProblemError } from '../contract/problem.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Who signs the certificates of clients; absent = clients need none. */
  readonly ca: string | undefined
}

export interface TlsSecrets {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
  readonly minVersion: 'TLSv1.2'
}

async function read(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new ProblemError({
      code: 'listen/tls-file',
      message: `the ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      hint: `give --tls-${what} a PEM file`,
    })
  }
}

/** Reads the files and tries them; throws a ProblemError. */
export async function readTlsFiles(files: TlsFiles | undefined, flag = '--listen-tls'): Promise<TlsSecrets> {
  if (!files) {
    throw new ProblemError({
      code: 'usage/tls-files',
      message: `${flag} needs a certificate and its key`,
      hint: 'add --tls-cert FILE --tls-key FILE, and --tls-ca FILE to verify who connects',
    })
  }
  const [cert, key] = [await read(files.cert, 'cert'), await read(files.key, 'key')]
  const ca = files.ca === undefined ? undefined : await read(files.ca, 'ca')
  const secrets: TlsSecrets = { cert, key, ...(ca ? { ca } : {}), minVersion: 'TLSv1.2' }
  const { createSecureContext } = await import('node:tls')
  try {
    createSecureContext(secrets)
    return secrets
  } catch (error) {
    throw new ProblemError({
      code: 'listen/tls-file',
      message: `certificate and key cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'both must be PEM and belong together',
    })
  }
}
