// Counters over HTTP, for Prometheus: GET /metrics; /healthz says the process is there.
import type { Server } from 'node:http'
import { ProblemError } from '../contract/problem.ts'
import { exposition, type StageCounters } from './counters.ts'

/** `9100`, `127.0.0.1:9100`, `[::1]:9100`: loopback unless an address is given. */
export function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):)?(?<port>\d{1,5})$/.exec(text)
  if (!match?.groups) {
    throw new ProblemError({
      code: 'usage/bad-address',
      message: `"${text}" is no address to listen on`,
      hint: 'give PORT, ADDRESS:PORT or [IPV6]:PORT',
    })
  }
  return { host: match.groups.six ?? match.groups.host ?? '127.0.0.1', port: Number(match.groups.port) }
}

/** Serves the counters until the returned server is closed; never keeps the process alive. */
export async function serveMetrics(address: string, stages: readonly StageCounters[]): Promise<Server> {
  const { createServer } = await import('node:http')
  const { host, port } = listenAddress(address)
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
      response.end(exposition(stages))
    } else if (request.url === '/healthz') response.end('ok\n')
    else response.writeHead(404).end('netally serves /metrics and /healthz\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(
        new ProblemError({
          code: 'metrics/cannot-listen',
          message: `cannot serve metrics on ${address}: ${error.message}`,
          hint: 'choose another address for --metrics',
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
  server.unref()
  return server
}
