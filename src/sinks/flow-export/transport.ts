// Where messages go: UDP, TCP or TLS (RFC 7011 section 10).
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { ProblemError } from '../../contract/problem.ts'

export interface TransportOptions {
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly host: string
  readonly port: number
  /** Messages a second; 0 = as fast as it goes. */
  readonly rate: number
  readonly sourceAddress: string | undefined
  readonly tls: {
    readonly ca?: string | undefined
    readonly cert?: string | undefined
    readonly key?: string | undefined
  }
}

export interface Transport {
  /** Resolves when it may go on; rejects with a ProblemError. */
  send(message: Uint8Array): Promise<void>
  close(): Promise<void>
}

const CONNECT_MS = 10_000
/** Shorter waits are not worth a timer. */
const SHORTEST_WAIT_MS = 2

const failed = ({ transport, host, port }: TransportOptions, error: unknown): ProblemError =>
  new ProblemError({
    code: 'sink-flow/not-sent',
    message: `${transport} to ${host} port ${port}: ${error instanceof Error ? error.message : error}`,
  })

async function openUdp(options: TransportOptions): Promise<Transport> {
  const { host, port, sourceAddress } = options
  const socket = createSocket(isIP(host) === 6 || sourceAddress?.includes(':') ? 'udp6' : 'udp4')
  // A receiver that is not there is told by the send after it.
  socket.on('error', () => {})
  try {
    if (sourceAddress !== undefined) socket.bind(0, sourceAddress)
    if (sourceAddress !== undefined) await once(socket, 'listening')
    socket.connect(port, host)
    await once(socket, 'connect')
  } catch (error) {
    socket.close()
    throw failed(options, error)
  }
  return {
    send: message =>
      new Promise((resolve, reject) => {
        socket.send(message, error => (error ? reject(failed(options, error)) : resolve()))
      }),
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function openStream(options: TransportOptions): Socket {
  const { transport, host, port, sourceAddress: localAddress, tls } = options
  const where = { host, port, ...(localAddress === undefined ? {} : { localAddress }) }
  if (transport === 'tcp') return connect(where)
  const file = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path))
  return connectTls({
    ...where,
    servername: isIP(host) ? '' : host,
    ca: file(tls.ca),
    cert: file(tls.cert),
    key: file(tls.key),
  })
}

async function openSession(options: TransportOptions): Promise<Transport> {
  let failure: Error | undefined
  let socket: Socket
  try {
    socket = openStream(options)
    const event = options.transport === 'tls' ? 'secureConnect' : 'connect'
    await once(socket, event, { signal: AbortSignal.timeout(CONNECT_MS) })
  } catch (error) {
    throw failed(options, error)
  }
  socket.on('error', error => {
    failure = error
  })
  const closed = once(socket, 'close').catch(() => {})
  return {
    async send(message) {
      if (failure || socket.destroyed) throw failed(options, failure ?? new Error('the session was closed'))
      if (socket.write(message)) return
      await Promise.race([once(socket, 'drain').catch(() => {}), closed])
      if (failure || socket.destroyed) throw failed(options, failure ?? new Error('the session was closed'))
    },
    async close() {
      socket.end()
      socket.resume()
      await closed
      if (failure) throw failed(options, failure)
    },
  }
}

/** Holds messages back to a rate. */
function paced(transport: Transport, rate: number): Transport {
  const startedMs = performance.now()
  let sent = 0
  return {
    async send(message) {
      const waitMs = startedMs + (sent++ * 1000) / rate - performance.now()
      if (waitMs >= SHORTEST_WAIT_MS) await pause(waitMs)
      await transport.send(message)
    },
    close: () => transport.close(),
  }
}

/** Throws a ProblemError when it cannot be connected. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const transport = options.transport === 'udp' ? await openUdp(options) : await openSession(options)
  return options.rate > 0 ? paced(transport, options.rate) : transport
}
