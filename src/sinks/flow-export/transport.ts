// Where messages go: a collector by UDP, TCP or TLS (RFC 7011 section 10), or a capture file.
import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { RetryPolicy } from '../delivery/retry.ts'
import { type CaptureTarget, openCapture } from './capture.ts'
import { Session } from './session.ts'
import { openUdp } from './udp.ts'

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
  readonly retry: RetryPolicy
  /** Instead of a collector. */
  readonly capture: CaptureTarget | undefined
}

export interface Message {
  readonly octets: Uint8Array
  /** That are lost with it. */
  readonly records: number
  /** By how much the sequence number of the next is higher, in IPFIX. */
  readonly counted: number
  /** Record time. */
  readonly nowMs: number
}

export interface Transport {
  /** Resolves when it may go on; false: it was not sent, and that was told. Rejects with a ProblemError when nothing can be sent any more. */
  send(message: Message): Promise<boolean>
  close(): Promise<void>
}

/** Messages that a session begins with: what the collector must know. */
export type Opening = () => readonly Message[]

/** Shorter waits are not worth a timer. */
const SHORTEST_WAIT_MS = 2

export const failed = ({ transport, host, port }: TransportOptions, error: unknown): ProblemError =>
  new ProblemError({
    code: 'sink-flow/not-sent',
    message: `${transport} to ${host} port ${port}: ${error instanceof Error ? error.message : error}`,
  })

/** Holds messages back to a rate. */
function paced(transport: Transport, rate: number): Transport {
  let dueMs = performance.now()
  return {
    async send(message) {
      const now = performance.now()
      // What was not sent while nothing came is not made up for in a burst.
      dueMs = Math.max(dueMs, now - SHORTEST_WAIT_MS)
      if (dueMs - now >= SHORTEST_WAIT_MS) await pause(dueMs - now)
      dueMs += 1000 / rate
      return transport.send(message)
    },
    close: () => transport.close(),
  }
}

/** Throws a ProblemError when it cannot be opened. */
export async function openTransport(options: TransportOptions, opening: Opening, host: Host): Promise<Transport> {
  if (options.capture) return openCapture(options.capture)
  const isUdp = options.transport === 'udp'
  const transport = isUdp ? await openUdp(options, host) : await new Session(options, opening, host).start()
  return options.rate > 0 ? paced(transport, options.rate) : transport
}
