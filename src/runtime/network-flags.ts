// What all sinks and sources that are clients of a server have: where it is, who we are, and TLS.
import { readFileSync } from 'node:fs'
import type { SecureVersion } from 'node:tls'
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'

const GROUP = { helpGroup: 'CONNECTION' }

/** A password is never an argument: others see those, and they stay in the shell's history. */
export const CREDENTIAL_FLAGS = {
  user: Flags.string({ summary: 'name to log in with', helpValue: 'NAME', ...GROUP }),
  'password-file': Flags.file({
    summary: 'file with the password in its first line; else the environment has it',
    helpValue: 'FILE',
    ...GROUP,
  }),
}

export const TLS_FLAGS = {
  tls: Flags.boolean({ summary: 'use TLS, where the address does not say so', ...GROUP }),
  'tls-ca': Flags.file({
    summary: 'PEM file of who signs the server, instead of the system',
    helpValue: 'FILE',
    ...GROUP,
  }),
  'tls-cert': Flags.file({
    summary: 'PEM file of our own certificate',
    helpValue: 'FILE',
    dependsOn: ['tls-key'],
    ...GROUP,
  }),
  'tls-key': Flags.file({ summary: 'PEM file of its key', helpValue: 'FILE', dependsOn: ['tls-cert'], ...GROUP }),
  'tls-server-name': Flags.string({ summary: 'name that the certificate must have', helpValue: 'NAME', ...GROUP }),
  'tls-insecure': Flags.boolean({ summary: 'do not verify the server: anyone can be it', ...GROUP }),
}

interface Parsed {
  readonly [name: string]: unknown
}

/** What the file that a flag names has in it. Throws a ProblemError. */
export function flagFile(flag: string, path: unknown): Buffer {
  try {
    return readFileSync(String(path))
  } catch (error) {
    throw new ProblemError({
      code: 'usage/unreadable-file',
      message: `--${flag} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'check the path and its permissions',
    })
  }
}

/** The first line of the file that a flag names, else what the environment has: a token, a key. Throws a ProblemError. */
export function secret(parsed: Parsed, flag: string, variable: string): string | undefined {
  const path = parsed[flag]
  return path === undefined ? process.env[variable] : flagFile(flag, path).toString('utf8').split(/\r?\n/, 1)[0]
}

export interface Credentials {
  readonly user?: string
  readonly password?: string
}

/**
 * Who we are: --user or the environment's `<prefix>_USER`, --password-file or `<prefix>_PASSWORD`. `prefix` is the backend in
 * capitals: NETALLY_REDIS. Throws a ProblemError.
 */
export function credentials(parsed: Parsed, prefix: string): Credentials {
  const user = parsed.user === undefined ? process.env[`${prefix}_USER`] : String(parsed.user)
  const password = secret(parsed, 'password-file', `${prefix}_PASSWORD`)
  return { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) }
}

/** What node:tls, and most clients, take. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly minVersion: SecureVersion
}

/** TLS as the flags ask for it; undefined = none. `wanted`: the address says so. Throws a ProblemError. */
export function tlsOptions(parsed: Parsed, wanted: boolean): TlsOptions | undefined {
  const asked = Object.keys(TLS_FLAGS).some(flag => parsed[flag] !== undefined && parsed[flag] !== false)
  if (!wanted && !asked) return undefined
  const file = (name: string) => {
    const path = parsed[`tls-${name}`]
    return path === undefined ? {} : { [name]: flagFile(`tls-${name}`, path).toString('utf8') }
  }
  const serverName = parsed['tls-server-name']
  return {
    ...file('ca'),
    ...file('cert'),
    ...file('key'),
    ...(serverName === undefined ? {} : { servername: String(serverName) }),
    rejectUnauthorized: parsed['tls-insecure'] !== true,
    minVersion: 'TLSv1.2',
  }
}
