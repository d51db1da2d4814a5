// rpki-recv's source in this process, and caches that say what a test wants them to say.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NetRecord } from '../../../src/contract/record.ts'
import type { RpkiOptions } from '../../../src/sources/rpki/options.ts'
import { openRpki } from '../../../src/sources/rpki/rpki.ts'
import { TestHost } from '../../support/test-host.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 20_000
const POLL_MS = 5

export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS
  while (!condition()) {
    assert.ok(performance.now() < end, `this did not come true: ${condition}`)
    await sleep(POLL_MS)
  }
}

/** A connection of a router. */
export class Router {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  hasLeft = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => this.#chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.hasLeft = true
    })
    socket.on('end', () => {
      this.hasLeft = true
    })
  }

  /** The next PDU that it sends, as its octets. */
  async asks(): Promise<number[]> {
    const octets = () => Buffer.concat(this.#chunks)
    await until(() => octets().length >= 8 && octets().length >= octets().readUInt32BE(4))
    const all = octets()
    const length = all.readUInt32BE(4)
    this.#chunks.splice(0, this.#chunks.length, all.subarray(length))
    return [...all.subarray(0, length)]
  }

  say(...pdus: readonly (readonly number[])[]): void {
    this.socket.write(Uint8Array.from(pdus.flat()))
  }
}

export class Cache {
  readonly #server: Server
  readonly #routers: Router[] = []
  port = 0

  constructor(context: TestContext, server = createServer(), event = 'connection') {
    this.#server = server
    server.on(event, socket => this.#routers.push(new Router(socket as Socket)))
    context.after(() => this.close())
  }

  static async start(context: TestContext, port = 0): Promise<Cache> {
    const cache = new Cache(context)
    await cache.listen(port)
    return cache
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** The next router that connects. */
  async router(): Promise<Router> {
    await until(() => this.#routers.length > 0)
    return this.#routers.shift() as Router
  }

  close(): void {
    this.#server.close()
    for (const { socket } of this.#routers) socket.destroy()
  }
}

export class Receiver {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  readonly #done: Promise<void>

  constructor(context: TestContext, ports: readonly number[], changes: Partial<RpkiOptions> = {}) {
    const options: RpkiOptions = {
      caches: ports.map(port => ({ host: '127.0.0.1', port })),
      tls: undefined,
      version: 2,
      timers: {},
      files: [],
      once: false,
      ...changes,
    }
    this.#done = this.#read(options)
    context.after(() => this.host.stop.abort())
  }

  async #read(options: RpkiOptions): Promise<void> {
    for await (const batch of openRpki(options, this.host)) this.records.push(...batch.records)
  }

  /** What records say, without times and numbers. */
  get lines(): string[] {
    return this.records.map(record => {
      const { event_type, log_type, ip_prefix, max_length, origin_as, customer_as, provider_as, entries } = record
      if (event_type !== 'log') return `${event_type}`
      const said = ip_prefix ? `${ip_prefix}-${max_length} ${origin_as}` : `${customer_as}:${provider_as}`
      return log_type === 'end-of-data' ? `end ${entries}` : `${log_type} ${said}`
    })
  }

  /** Waits for so many ends of data; the lines so far. */
  async ends(count: number): Promise<string[]> {
    await until(() => this.lines.filter(line => line.startsWith('end ')).length >= count)
    return this.lines
  }

  async stop(): Promise<void> {
    this.host.stop.abort()
    await this.#done
    assert.deepEqual(
      this.records.map(({ seq }) => seq),
      this.records.map((_, index) => index),
    )
  }
}
