// Statements to ClickHouse's HTTP interface, over one connection that is kept.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { ClickhouseOptions } from './options.ts'

const LONGEST_ANSWER = 1 << 24

export class ServerError extends Error {
  readonly code: number
  constructor(code: number, text: string) {
    super(text)
    this.name = 'ServerError'
    this.code = code
  }
}

function errorOf(status: number, text: string, header: string | undefined): Error {
  const code = Number(header ?? /^Code: (\d+)/.exec(text)?.[1] ?? 0)
  const [line = ''] = text.trim().split('\n', 1)
  return new ServerError(code, line === '' ? `HTTP status ${status}` : line.slice(0, 500))
}

export class Client {
  readonly #options: ClickhouseOptions
  readonly #agent: HttpAgent | HttpsAgent

  constructor(options: ClickhouseOptions) {
    this.#options = options
    const kept = { keepAlive: true, maxSockets: 1 }
    this.#agent = options.tls ? new HttpsAgent({ ...kept, ...options.tls }) : new HttpAgent(kept)
  }

  /** The answer to a statement; `body` are the rows of an insert. */
  ask(
    statement: string,
    signal: AbortSignal,
    settings: { [name: string]: string } = {},
    body?: Buffer,
  ): Promise<string> {
    const { endpoint, database, user, password, tls } = this.#options
    const query = new URLSearchParams({ database, ...settings, ...(body ? { query: statement } : {}) })
    const sent = body ?? Buffer.from(statement)
    const request = tls ? httpsRequest : httpRequest
    return new Promise((resolve, reject) => {
      const asking = request(
        {
          host: endpoint.host,
          port: endpoint.port,
          path: `/?${query}`,
          method: 'POST',
          agent: this.#agent,
          signal,
          auth: `${user}:${password}`,
          headers: { 'content-length': sent.length },
        },
        response => {
          const chunks: Buffer[] = []
          let octets = 0
          response.on('data', (chunk: Buffer) => {
            octets += chunk.length
            if (octets <= LONGEST_ANSWER) chunks.push(chunk)
          })
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const header = response.headers['x-clickhouse-exception-code']
            if (response.statusCode === 200 && !/^Code: \d+/.test(text)) resolve(text)
            else reject(errorOf(response.statusCode ?? 0, text, header === undefined ? undefined : String(header)))
          })
        },
      )
      asking.on('error', reject)
      asking.end(sent)
    })
  }

  /** Rows of a statement, as TabSeparated. */
  async rows(statement: string, signal: AbortSignal): Promise<string[][]> {
    const text = await this.ask(`${statement} FORMAT TabSeparated`, signal)
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => line.split('\t'))
  }

  close(): void {
    this.#agent.destroy()
  }
}
