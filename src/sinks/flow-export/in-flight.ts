// Records that the kernel has taken for a session, and whose octets the collector's kernel has not acknowledged: lost when the
// session breaks. TCP itself tells nobody; Linux shows the octets of each socket's queue.
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

const LOOK_MS = 1000
/** Messages remembered; of older ones nothing is in doubt. */
const MESSAGES = 65_536

/** Octets that Linux holds of the socket from this port: sent and not acknowledged, or not yet sent. Undefined = not to be had. */
function queuedOctets(localPort: number, remotePort: number): number | undefined {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string
    try {
      text = readFileSync(table, 'utf8')
    } catch {
      continue
    }
    for (const line of text.split('\n')) {
      const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/)
      const ports = [local, remote].map(end => Number.parseInt(end.split(':')[1] ?? '', 16))
      if (ports[0] === localPort && ports[1] === remotePort) return Number.parseInt(queues.split(':')[0] ?? '', 16)
    }
  }
  return undefined
}

export class InFlight {
  readonly #socket: Socket
  readonly #localPort: number
  readonly #remotePort: number
  /** Oldest first: where the message ends among the octets of the session, and its records. */
  #messages: { readonly end: number; readonly records: number }[] = []
  #octets = 0
  readonly #timer: NodeJS.Timeout

  constructor(socket: Socket) {
    this.#socket = socket
    this.#localPort = socket.localPort ?? 0
    this.#remotePort = socket.remotePort ?? 0
    this.#timer = setInterval(() => this.look(), LOOK_MS)
    this.#timer.unref()
  }

  add(octets: number, records: number): void {
    this.#octets += octets
    this.#messages.push({ end: this.#octets, records })
    if (this.#messages.length > MESSAGES) this.#messages.splice(0, MESSAGES / 2)
  }

  /** Forgets what is acknowledged. What TLS adds makes the queue longer: then more is taken for in doubt. */
  look(): void {
    if (this.#messages.length === 0 || this.#socket.destroyed) return
    const queued = queuedOctets(this.#localPort, this.#remotePort)
    if (queued === undefined) return
    const acknowledged = this.#octets - queued - this.#socket.writableLength
    const from = this.#messages.findIndex(({ end }) => end > acknowledged)
    this.#messages.splice(0, from < 0 ? this.#messages.length : from)
  }

  /** The records in doubt, at the end. */
  end(): number {
    clearInterval(this.#timer)
    return this.#messages.reduce((sum, { records }) => sum + records, 0)
  }
}
