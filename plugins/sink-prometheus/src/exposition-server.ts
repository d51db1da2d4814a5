// Serves the sums. It is the backend itself: what is written is in memory until this process ends.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Backend, type DeliveryBatch, type Host, PermanentError, type Rejected } from 'netally'
import { CONTENT_TYPES, Exposition, formWanted } from './exposition.ts'
import type { PrometheusOptions } from './options.ts'

const compress = promisify(gzip)
const COMPRESSION = { level: 1 }

async function answer(exposition: Exposition, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0]
  if (path !== '/metrics') {
    response.writeHead(404).end('netally serves /metrics\n')
    return
  }
  const form = formWanted(request.headers.accept)
  const text = exposition.text(form, Date.now())
  const packs = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = packs ? await compress(text, COMPRESSION) : text
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[form],
    vary: 'accept, accept-encoding',
    ...(packs ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(body)
}

class ExpositionBackend implements Backend {
  readonly #exposition: Exposition
  readonly #server: Server
  readonly #host: Host

  constructor(exposition: Exposition, server: Server, host: Host) {
    this.#exposition = exposition
    this.#server = server
    this.#host = host
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { beyond, expired } = this.#exposition
    const rejected = this.#exposition.take(batch, Date.now())
    this.#host.count('beyond_cardinality', this.#exposition.beyond - beyond)
    this.#host.count('series_expired', this.#exposition.expired - expired)
    return rejected
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

export async function connectExposition(options: PrometheusOptions, host: Host): Promise<Backend> {
  const exposition = new Exposition(options)
  const server = createServer((request, response) => {
    answer(exposition, request, response).catch(() => response.destroy())
  })
  const { host: address, port } = options.listen ?? { host: '127.0.0.1', port: 0 }
  server.listen(port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new PermanentError({
      code: 'prometheus/cannot-listen',
      message: `cannot serve on ${address} port ${port}: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'choose another address for --listen',
    })
  }
  host.watch(() => [{ name: 'series', value: exposition.series }])
  return new ExpositionBackend(exposition, server, host)
}
