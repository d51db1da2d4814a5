// A TCP or TLS connection to a collector.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TransportOptions } from './transport.ts'

const CONNECT_MS = 10_000
const KEEP_ALIVE_MS = 30_000
/** Errors that another attempt has again: certificates, keys, files. */
const LASTING = /^(ERR_(SSL|TLS|OSSL)|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|ENOENT|EACCES|EISDIR)/

export const isLasting = (error: unknown): boolean =>
  error instanceof Error && LASTING.test(String((error as NodeJS.ErrnoException).code ?? ''))

function open({ transport, host, port, sourceAddress: localAddress, tls }: TransportOptions): Socket {
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

/** Throws what the system or the TLS library says. */
export async function connectTo(options: TransportOptions): Promise<Socket> {
  const socket = open(options)
  try {
    const event = options.transport === 'tls' ? 'secureConnect' : 'connect'
    await once(socket, event, { signal: AbortSignal.timeout(CONNECT_MS) })
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return socket
}
