// telemetry-recv's source in the process of a test, with real sockets on loopback.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NetRecord } from '../../src/contract/record.ts'
import type { TelemetryNetworkOptions, TelemetryOptions } from '../../src/sources/telemetry/options.ts'
import { openTelemetry } from '../../src/sources/telemetry/telemetry.ts'
import { TestHost } from './test-host.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 20_000
export const LOOPBACK = [{ address: '127.0.0.1', port: 0 }] as const
export const UDP = { listen: LOOPBACK, ipv6Only: false, multicast: [], receiveBufferOctets: undefined }

export const TCP = {
  ...{ tcp: [], tls: [], https: [], tlsFiles: undefined },
  ...{ ipv6Only: false, maxSessions: 2, idleMs: 60_000, maxMessageOctets: 100_000 },
}

export class TelemetryCollector {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  readonly done: Promise<void>

  constructor(context: TestContext, network: Partial<TelemetryNetworkOptions>, more: Partial<TelemetryOptions> = {}) {
    const options: TelemetryOptions = {
      captures: [],
      udpPorts: [],
      tcpPorts: [],
      decoder: { decoder: 'auto', maxPeers: 10, peerTimeoutMs: 300_000, maxMessageOctets: 100_000 },
      network: { udp: { ...UDP, listen: [] }, sessions: TCP, account: undefined, ...network },
      allow: undefined,
      ...more,
    }
    this.done = this.#run(options)
    this.done.catch(() => {}) // who waits for it is told
    context.after(() => this.stop().catch(() => {}))
  }

  async #run(options: TelemetryOptions): Promise<void> {
    for await (const batch of openTelemetry(options, this.host)) this.records.push(...batch.records)
  }

  get data() {
    return this.records.filter(({ event_type }) => event_type === 'log').map(({ telemetry_data }) => telemetry_data)
  }

  get events() {
    return this.records.map(({ event_type }) => event_type)
  }

  /** Of the first socket of a transport. */
  async port(transport: 'udp' | 'tcp' | 'tls' | 'https'): Promise<number> {
    const sockets = () =>
      this.host.readers
        .flatMap(read => [...read()])
        .map(({ labels }) => labels?.socket ?? '')
        .filter(socket => socket.startsWith(transport))
    await Promise.race([this.done, this.until(() => sockets().length > 0)])
    const place = sockets()[0] ?? ''
    return Number(place.slice(place.lastIndexOf(':') + 1))
  }

  async until(isTrue: () => boolean): Promise<void> {
    for (const end = performance.now() + HANG_MS; !isTrue(); await sleep(5)) {
      assert.ok(performance.now() < end, `still waiting; ${JSON.stringify(this.host.codes)}`)
    }
  }

  async stop(): Promise<void> {
    this.host.stop.abort()
    await this.done
  }
}
