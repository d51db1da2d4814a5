// flow-recv's source in this process, with real sockets on loopback.
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import type { Batch, NetRecord } from '../../src/contract/record.ts'
import { openFlows } from '../../src/sources/flow.ts'
import type { FlowOptions } from '../../src/sources/flow-options.ts'
import type { IpfixServerOptions } from '../../src/sources/ipfix-server.ts'
import type { UdpOptions } from '../../src/sources/udp-sockets.ts'
import { data, ipfix, netflow9, template } from '../support/flow-writer.ts'
import { TestHost } from '../support/test-host.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 20_000
const POLL_MS = 5

export interface Changes {
  readonly udp?: Partial<UdpOptions>
  readonly sessions?: Partial<IpfixServerOptions>
  readonly flow?: Partial<FlowOptions>
}

export function options({ udp = {}, sessions = {}, flow = {} }: Changes): FlowOptions {
  return {
    captures: [],
    udpPorts: [],
    udp: { listen: [], ipv6Only: false, multicast: [], receiveBufferOctets: undefined, ...udp },
    sessions: { tcp: [], tls: [], tlsFiles: undefined, ipv6Only: false, maxSessions: 256, idleMs: 60_000, ...sessions },
    account: undefined,
    decoder: {},
    allow: undefined,
    samplingMap: undefined,
    templateStore: undefined,
    workers: 1,
    ...flow,
  }
}

export const LOOPBACK = [{ address: '127.0.0.1', port: 0 }] as const

export class Collector {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  /** `now` of the batches, and of the empty ones. */
  readonly beats: number[] = []
  #held: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  readonly done: Promise<void>

  constructor(context: TestContext, changes: Changes) {
    this.done = this.#run(openFlows(options(changes), this.host, ALL_FIELDS))
    this.done.catch(() => {}) // who waits for it is told
    context.after(() => this.stop().catch(() => {}))
  }

  async #run(stream: AsyncIterable<Batch>): Promise<void> {
    for await (const batch of stream) {
      this.records.push(...batch.records)
      if (batch.count === 0) this.beats.push(batch.now)
      await this.#held?.promise
    }
  }

  /** From the next batch on none is asked for, until `release`. */
  hold(): void {
    this.#held = Promise.withResolvers<void>()
  }

  release(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  get readings(): { name: string; labels: { [label: string]: string }; value: number }[] {
    return this.host.readers.flatMap(read => [...read()]).map(reading => ({ labels: {}, ...reading }))
  }

  /** Port of the nth socket of a transport, once it listens. */
  async port(transport: 'udp' | 'tcp' | 'tls', nth = 0): Promise<number> {
    const ports = () =>
      this.readings.flatMap(({ name, labels }) => {
        const [of, place = ''] = (labels.socket ?? '').split(' ')
        return name === 'listening' && of === transport ? [Number(place.slice(place.lastIndexOf(':') + 1))] : []
      })
    await Promise.race([this.done, this.until(() => ports().length > nth)])
    return ports()[nth] as number
  }

  count(name: string): number {
    return this.host.counters[name] ?? 0
  }

  async until(condition: () => boolean): Promise<void> {
    const end = performance.now() + HANG_MS
    while (!condition()) {
      assert.ok(performance.now() < end, `this did not come true: ${condition}`)
      await sleep(POLL_MS)
    }
  }

  async stop(): Promise<void> {
    this.release()
    this.host.stop.abort()
    await this.done
  }
}

export const FLOW = template(256, [
  [8, 4],
  [12, 4],
  [1, 4],
  [2, 4],
])
export const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ['192.0.2.1', '198.51.100.7', 1000 + from + index, 1] as const)
/** Flows whose octets are 1000, 1001, ...: template and data in one message. */
export const v9 = (count: number, from = 0): Buffer =>
  netflow9({ sourceId: 1, exportTime: 1_700_000_000, sysUptimeMs: 1000 }, [FLOW, data(FLOW, rows(count, from))])
export const v9Data = (count: number, from = 0): Buffer =>
  netflow9({ sourceId: 1, exportTime: 1_700_000_000, sysUptimeMs: 1000 }, [data(FLOW, rows(count, from))])
/** One flow in a datagram of 20,000 octets. */
const WIDE = template(257, [
  [8, 4],
  [1, 4],
  [210, 20_000],
])
export const wide = (): Buffer =>
  netflow9({ sourceId: 1, exportTime: 1_700_000_000, sysUptimeMs: 1000 }, [
    WIDE,
    data(WIDE, [['192.0.2.1', 1000, new Uint8Array(20_000)]]),
  ])
export const ipfixMessage = (count: number, from = 0): Buffer =>
  ipfix({ observationDomain: 1, exportTime: 1_700_000_000 }, [FLOW, data(FLOW, rows(count, from))])
export const ipfixData = (count: number, from = 0): Buffer =>
  ipfix({ observationDomain: 1, exportTime: 1_700_000_000 }, [data(FLOW, rows(count, from))])

/** Sends datagrams one after another; resolves when the kernel has them all. */
export async function send(port: number, address: string, ...messages: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    for (const message of messages) await sendOne(socket, port, address, message)
  } finally {
    socket.close()
  }
}

function sendOne(socket: Socket, port: number, address: string, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, port, address, error => (error ? reject(error) : resolve()))
  })
}

export const octetsOf = (records: readonly NetRecord[]): number[] => records.map(({ bytes }) => Number(bytes))
