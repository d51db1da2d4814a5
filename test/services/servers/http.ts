// HTTP as tests ask servers by it.
import type { Credentials } from './server.ts'

const HANG_MS = 60_000

export interface Asked {
  readonly body?: string | Uint8Array
  readonly method?: string
  readonly headers?: { readonly [name: string]: string }
  readonly credentials?: Credentials | undefined
}

export const basic = ({ user, password }: Credentials): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** The body of an answer; rejects when its status is not 2xx. */
export async function ask(url: string, { body, method, headers, credentials }: Asked = {}): Promise<string> {
  const answer = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...headers, ...(credentials ? { authorization: basic(credentials) } : {}) },
    signal: AbortSignal.timeout(HANG_MS),
    ...(body === undefined ? {} : { body: body as string }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}: ${text}`)
  return text
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** As `ask`, with a value as JSON body. */
export const askJson = (url: string, value: unknown, asked: Asked = {}): Promise<string> =>
  ask(url, { ...asked, body: JSON.stringify(value), headers: { ...JSON_TYPE, ...asked.headers } })
