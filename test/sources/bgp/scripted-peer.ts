// bgp-recv's source in this process, and peers that say what a test wants them to say.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch, NetRecord } from '../../../src/contract/record.ts'
import { openBgp } from '../../../src/sources/bgp/bgp.ts'
import type { BgpOptions, SpeakerOptions } from '../../../src/sources/bgp/bgp-options.ts'
import { MessageBuffer } from '../../../src/sources/bgp/message-buffer.ts'
import { ALL_FAMILIES } from '../../../src/sources/bgp/our-open.ts'
import { type Capabilities, noCapabilities } from '../../../src/wire/bgp/capabilities.ts'
import { IPV4_UNICAST, IPV6_UNICAST } from '../../../src/wire/bgp/families.ts'
import { HEADER_OCTETS, NOTIFICATION, writeKeepalive } from '../../../src/wire/bgp/message.ts'
import { isBgpProblem } from '../../../src/wire/bgp/notification.ts'
import { type Open, writeOpen } from '../../../src/wire/bgp/open.ts'
import { TestHost } from '../../support/test-host.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 30_000
const POLL_MS = 5

export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS
  while (!condition()) {
    assert.ok(performance.now() < end, `this did not come true: ${condition}`)
    await sleep(POLL_MS)
  }
}

export const SPEAKER: SpeakerOptions = {
  as: undefined,
  peerAs: new Set(),
  routerId: '192.0.2.254',
  holdSeconds: 90,
  families: ALL_FAMILIES,
  addPath: true,
  role: undefined,
}

export interface Changes extends Partial<Omit<BgpOptions, 'speaker'>> {
  readonly speaker?: Partial<SpeakerOptions>
}

export function options({ speaker = {}, ...changes }: Changes): BgpOptions {
  return {
    captures: [],
    tcpPorts: [179],
    listen: [{ address: '127.0.0.1', port: 0 }],
    ipv6Only: false,
    connect: [],
    localAddress: undefined,
    maxPeers: 10,
    allow: undefined,
    md5: undefined,
    ttlHops: undefined,
    compat: false,
    ...changes,
    speaker: { ...SPEAKER, ...speaker },
  }
}

export class Collector {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  readonly done: Promise<void>
  #held: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  constructor(context: TestContext, changes: Changes = {}) {
    this.done = this.#run(openBgp(options(changes), this.host))
    this.done.catch(() => {}) // who waits for it is told
    context.after(() => this.stop().catch(() => {}))
  }

  async #run(stream: AsyncIterable<Batch>): Promise<void> {
    for await (const batch of stream) {
      this.records.push(...batch.records)
      await this.#held?.promise
    }
  }

  hold(): void {
    this.#held = Promise.withResolvers<void>()
  }

  release(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  async port(nth = 0): Promise<number> {
    const ports = () =>
      this.host.readers
        .flatMap(read => [...read()])
        .flatMap(({ name, labels }) => (name === 'listening' ? [Number(labels?.socket?.split(':').at(-1))] : []))
    await Promise.race([this.done, until(() => ports().length > nth)])
    return ports()[nth] as number
  }

  count(name: string): number {
    return this.host.counters[name] ?? 0
  }

  /** What happened, a word each: `log_init`, `update 10.0.0.0/8`. */
  get events(): string[] {
    return this.records.map(({ event_type, log_type, ip_prefix }) =>
      event_type === 'log' ? `${log_type} ${ip_prefix ?? ''}`.trim() : String(event_type),
    )
  }

  async stop(): Promise<void> {
    this.release()
    this.host.stop.abort()
    await this.done
  }
}

export interface Said {
  readonly type: number
  readonly body: Uint8Array
}

/** An OPEN of AS 64500 with both unicast families and what else is asked for. */
export function open(capabilities: Partial<Capabilities> = {}, changes: Partial<Open> = {}): Uint8Array {
  const families = [IPV4_UNICAST, IPV6_UNICAST]
  const said = { ...noCapabilities(), families, as4: 64500, ...capabilities }
  return writeOpen({ as: 64500, holdSeconds: 90, routerId: '192.0.2.1', capabilities: said, ...changes })
}

export class Peer {
  readonly socket: Socket
  readonly heard: Said[] = []
  readonly #buffer = new MessageBuffer()

  constructor(context: TestContext, socket: Socket) {
    this.socket = socket
    this.#buffer.maxOctets = 65_535
    socket.on('error', () => {})
    socket.on('data', chunk => {
      this.#buffer.give(chunk)
      for (let header = this.#buffer.next(); header; header = this.#buffer.next()) {
        assert.ok(!isBgpProblem(header), 'netally said something malformed')
        const { octets, start } = this.#buffer
        this.heard.push({ type: header.type, body: octets.slice(start + HEADER_OCTETS, start + header.length) })
      }
    })
    context.after(() => socket.destroy())
  }

  static async to(context: TestContext, port: number, localAddress = '127.0.0.1'): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const peer = new Peer(context, socket)
    await once(socket, 'connect')
    return peer
  }

  say(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages))
  }

  async hears(type: number): Promise<Said> {
    await until(() => this.heard.some(said => said.type === type))
    return this.heard.find(said => said.type === type) as Said
  }

  /** Goes through OPEN and KEEPALIVE. */
  async establish(opening = open()): Promise<void> {
    this.say(opening)
    await this.hears(4)
    this.say(writeKeepalive())
  }

  /** `6/2` and the data in hex of the NOTIFICATION that ends the session. */
  async notification(): Promise<[string, string]> {
    const { body } = await this.hears(NOTIFICATION)
    await until(() => this.socket.closed || this.socket.readableEnded)
    return [`${body[0]}/${body[1]}`, Buffer.from(body.subarray(2)).toString('hex')]
  }
}
