// The datagrams of exporters in captures, sent again: at the pace of the capture, or another.
import { isIP } from 'node:net'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { Host } from '../contract/host.ts'
import type { CapturePeer } from '../wire/capture/block.ts'
import { captureDatagrams } from './capture-file.ts'
import { looksLikeFlows } from './flow-capture.ts'
import { PlainSender } from './tee/plain-sender.ts'
import { SEND_BUFFER_OCTETS } from './tee/sender.ts'

/** `speed`: so many times as fast as it was captured; `rate`: datagrams a second; neither: as fast as it goes. */
export type Pace = { readonly speed: number } | { readonly rate: number } | 'max'

export interface ReplayOptions {
  readonly captures: readonly string[]
  /** Destination ports in the capture; none = whatever begins like a flow datagram. */
  readonly udpPorts: readonly number[]
  readonly to: { readonly address: string; readonly port: number }
  readonly pace: Pace
  /** How often all captures are sent; 0 = until the signal. */
  readonly rounds: number
}

/** Exporters (and ports of theirs) with a socket of their own; the others share the first: `exporters-together`. */
const EXPORTERS = 1024
/** Shorter waits are not worth a timer. */
const SHORTEST_WAIT_MS = 2
/** Then signals have a turn. */
const DATAGRAMS_PER_TURN = 256
/** Exporter n sends from 127.0.(1 + n / 250).(1 + n % 250). */
const PER_NET = 250

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

class Replay {
  readonly #options: ReplayOptions
  readonly #host: Host
  /** By exporter and port. */
  readonly #senders = new Map<string, PlainSender>()
  readonly #addresses = new Map<string, string>()
  #startedMs = 0
  /** Time in the capture of what was sent first in this round. */
  #firstUs = Number.NaN
  #sent = 0

  constructor(options: ReplayOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  async run(): Promise<void> {
    const { rounds } = this.#options
    this.#startedMs = performance.now()
    try {
      for (let round = 0; (rounds === 0 || round < rounds) && !this.#host.signal.aborted; round++) {
        const before = this.#sent
        this.#firstUs = Number.NaN
        for (const path of this.#options.captures) await this.#file(path)
        if (this.#sent === before) break
      }
      await Promise.all([...this.#senders.values()].map(sender => sender.idle()))
    } finally {
      for (const sender of this.#senders.values()) sender.close()
    }
  }

  async #file(path: string): Promise<void> {
    const { udpPorts } = this.#options
    const { signal } = this.#host
    const byVersion = udpPorts.length === 0
    const reading = byVersion ? { signal } : { signal, udpPorts }
    for await (const { octets, view, peers, count, start, end, peer, timeUs } of captureDatagrams(
      path,
      reading,
      this.#host,
    )) {
      for (let index = 0; index < count && !signal.aborted; index++) {
        const [from, to] = [start[index] as number, end[index] as number]
        if (byVersion && !looksLikeFlows(view, from, to)) {
          this.#host.count('capture/not-flow')
          continue
        }
        await this.#wait(timeUs[index] as number)
        await this.#send(octets, from, to, peers.get(peer[index] as number))
      }
    }
  }

  /** Until a datagram of this time is due. A later round goes on from the end of the one before. */
  async #wait(timeUs: number): Promise<void> {
    const { pace } = this.#options
    if (pace !== 'max') {
      const now = performance.now()
      if (Number.isNaN(this.#firstUs)) {
        this.#firstUs = timeUs
        if ('speed' in pace) this.#startedMs = now
      }
      const dueMs = 'rate' in pace ? (this.#sent * 1000) / pace.rate : (timeUs - this.#firstUs) / 1000 / pace.speed
      const waitMs = this.#startedMs + dueMs - now
      if (waitMs >= SHORTEST_WAIT_MS) {
        await pause(waitMs, undefined, { signal: this.#host.signal }).catch(() => {})
        return
      }
    }
    if (this.#sent % DATAGRAMS_PER_TURN === 0) await turn()
  }

  async #send(octets: Uint8Array, start: number, end: number, exporter: CapturePeer): Promise<void> {
    const sender = this.#senders.get(`${exporter.address} ${exporter.port}`) ?? (await this.#open(exporter))
    sender.send(octets, start, end, NOBODY, this.#options.to, FROM, 0)
    this.#sent++
    const wait = sender.flush()
    if (wait) await wait
  }

  /** On loopback (IPv4) each exporter has an address; each of its ports has a socket. */
  #addressOf(exporter: string): string | undefined {
    const { address } = this.#options.to
    if (isIP(address) !== 4 || !isLoopback(address)) return undefined
    const known = this.#addresses.get(exporter)
    if (known !== undefined) return known
    const { size } = this.#addresses
    const own = `127.0.${1 + Math.floor(size / PER_NET)}.${1 + (size % PER_NET)}`
    this.#addresses.set(exporter, own)
    return own
  }

  async #open(exporter: CapturePeer): Promise<PlainSender> {
    const first = this.#senders.values().next().value
    if (first && this.#senders.size >= EXPORTERS) {
      this.#host.count('exporters-together')
      return first
    }
    const family = isIP(this.#options.to.address) === 4 ? 4 : 6
    const address = this.#addressOf(exporter.address)
    const open = (port: number) =>
      PlainSender.open(
        { family, transparent: false, address, port, tos: undefined, sendBufferOctets: SEND_BUFFER_OCTETS },
        this.#outcome,
      )
    // Another program, or another exporter, may have the port.
    const sender = await open(exporter.port).catch(() => {
      this.#host.count('exporters-other-port')
      return open(0)
    })
    this.#senders.set(`${exporter.address} ${exporter.port}`, sender)
    return sender
  }

  readonly #outcome = (_: number, octets: number, error: string | undefined): void => {
    if (error === undefined) {
      this.#host.count('datagrams')
      this.#host.count('datagram-octets', octets)
      return
    }
    this.#host.count(`send-errors/${error}`)
    const { address, port } = this.#options.to
    this.#host.report({
      note: true,
      code: 'replay/send',
      message: `port ${port} of ${address} cannot be sent to: ${error}`,
    })
  }
}

const NOBODY = new Uint8Array(0)
const FROM = { address: '', port: 0, family: 4 } as const

/** Sends all, or until the host's signal. Throws a ProblemError when a capture cannot be read. */
export function runReplay(options: ReplayOptions, host: Host): Promise<void> {
  return new Replay(options, host).run()
}
