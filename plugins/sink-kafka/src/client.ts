// Connections to brokers, and what their errors mean.
import type { BaseOptions } from '@platformatic/kafka'
import { PermanentError } from 'netally'
import type { ClientOptions } from './client-options.ts'

const CONNECT_MS = 10_000
/** Closing waits no longer for a broker that does not answer. */
const CLOSE_MS = 1000

/** Errors of the protocol by name, where another attempt mends nothing. */
const REFUSED: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])

export function connectionOptions({ brokers, clientId, tls, sasl }: ClientOptions): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
    connectTimeout: CONNECT_MS,
    ...(tls ? { tls, ...(tls.servername === undefined ? {} : { tlsServerName: tls.servername }) } : {}),
    ...(sasl ? { sasl } : {}),
  }
}

interface Nested {
  readonly apiId?: string
  readonly code?: string
  readonly message?: string
  readonly errors?: readonly unknown[]
  readonly cause?: unknown
}

/** An error with all that it was made of. */
export function* causesOf(error: unknown, depth = 0): Generator<Nested> {
  if (typeof error !== 'object' || error === null || depth > 10) return
  const nested = error as Nested
  yield nested
  for (const part of nested.errors ?? []) yield* causesOf(part, depth + 1)
  yield* causesOf(nested.cause, depth + 1)
}

/** The innermost messages, each once: what really went wrong. */
export function reasonOf(error: unknown): string {
  const leaves = [...causesOf(error)].filter(({ errors, cause }) => !errors?.length && cause === undefined)
  const texts = new Set(leaves.map(({ message, code }) => message || code || 'unknown error'))
  return [...texts].slice(0, 3).join('; ') || String(error)
}

export const hasCode = (error: unknown, codes: ReadonlySet<string>): boolean =>
  [...causesOf(error)].some(({ apiId, code }) => codes.has(apiId ?? '') || codes.has(code ?? ''))

/** Of an error while connecting: permanent when the brokers do not want us. */
export function connectError(error: unknown): Error {
  const reason = reasonOf(error)
  if (hasCode(error, REFUSED) || hasCode(error, new Set(['PLT_KFK_AUTHENTICATION']))) {
    return new PermanentError({
      code: 'kafka/refused',
      message: `Kafka refuses: ${reason}`,
      hint: 'check --user, the password (--password-file, NETALLY_KAFKA_PASSWORD), --sasl, and what the user may do',
    })
  }
  return new Error(reason, { cause: error })
}

/** Waits for a close, but not for ever. */
export async function closed(closing: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_MS)
  await Promise.race([closing.catch(() => {}), promise])
  clearTimeout(timer)
}
