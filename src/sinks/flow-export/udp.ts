// Messages by UDP. A collector that is not there costs messages, never the exporter: it may come back.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import type { Host } from '../../contract/host.ts'
import { failed, type Message, type Transport, type TransportOptions } from './transport.ts'

const REFUSED = 'ECONNREFUSED'
const codeOf = (error: Error | null | undefined): string | undefined =>
  error ? ((error as NodeJS.ErrnoException).code ?? error.message) : undefined

class Udp implements Transport {
  readonly #socket: Socket
  readonly #options: TransportOptions
  readonly #host: Host

  constructor(socket: Socket, options: TransportOptions, host: Host) {
    this.#socket = socket
    this.#options = options
    this.#host = host
    socket.removeAllListeners('error')
    socket.on('error', () => this.#refused())
  }

  /** The answer to a message before, whoever of the socket's users hears of it. */
  #refused(): void {
    this.#host.count('messages-refused')
    this.#tell('nobody listens there; what is sent until somebody does is lost')
  }

  #once(octets: Uint8Array): Promise<string | undefined> {
    return new Promise(resolve => this.#socket.send(octets, error => resolve(codeOf(error))))
  }

  async send({ octets }: Message): Promise<boolean> {
    let error = await this.#once(octets)
    if (error === REFUSED) {
      this.#refused() // and this one was not sent
      error = await this.#once(octets)
    }
    if (error === undefined) return true
    this.#host.count(`send-errors/${error}`)
    this.#tell(error)
    return false
  }

  #tell(reason: string): void {
    const { host, port } = this.#options
    this.#host.report({ note: true, code: 'sink-flow/lost', message: `UDP to ${host} port ${port}: ${reason}` })
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}

/** Throws a ProblemError when the address cannot be sent to or from. */
export async function openUdp(options: TransportOptions, host: Host): Promise<Transport> {
  const { host: collector, port, sourceAddress } = options
  const socket = createSocket(isIP(collector) === 6 || sourceAddress?.includes(':') ? 'udp6' : 'udp4')
  socket.on('error', () => {})
  try {
    if (sourceAddress !== undefined) socket.bind(0, sourceAddress)
    if (sourceAddress !== undefined) await once(socket, 'listening')
    socket.connect(port, collector)
    await once(socket, 'connect')
  } catch (error) {
    socket.close()
    throw failed(options, error)
  }
  return new Udp(socket, options, host)
}
