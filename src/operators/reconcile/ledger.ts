// All interfaces, by exporter: where flows and counters are entered, and what is closed and reported.
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import type { InterfaceNames } from '../../maps/interface-names.ts'
import { KINDS } from './counter-names.ts'
import type { Reading, Readings } from './counter-reader.ts'
import { CounterTrack, type Growth } from './counter-track.ts'
import type { Evidence } from './evidence.ts'
import { ExportLoss } from './export-loss.ts'
import { DIRECTIONS, type Direction, type Grid, Port, type Series } from './series.ts'
import { LANE } from './window.ts'

/** Names of interfaces of an exporter that are remembered. */
const MAX_NAMES = 100_000

export interface Exporter {
  readonly address: string
  readonly ports: Map<number | string, Port>
  /** ifIndex by name, as telemetry says it. */
  readonly indexes: Map<string, number>
  readonly loss: ExportLoss
}

/** A window that is over, or the whole. */
export interface Closed {
  readonly exporter: Exporter
  readonly port: Port
  readonly direction: Direction
  readonly series: Series
  readonly evidence: Evidence
}

export class Ledger {
  readonly grid: Grid
  readonly exporters = new Map<string, Exporter>()
  names: InterfaceNames | undefined
  readonly #host: Host
  readonly #maxPorts: number
  #ports = 0

  constructor(windowMs: number, maxPorts: number, host: Host) {
    this.grid = { windowMs, openFrom: Number.NEGATIVE_INFINITY }
    this.#maxPorts = maxPorts
    this.#host = host
    host.watch(() => [{ name: 'reconcile_interfaces', value: this.#ports }])
  }

  /** Undefined when there are as many as interfaces may be. */
  exporter(address: string): Exporter | undefined {
    let exporter = this.exporters.get(address)
    if (!exporter) {
      if (this.exporters.size >= this.#maxPorts) return undefined
      exporter = { address, ports: new Map(), indexes: new Map(), loss: new ExportLoss() }
      this.exporters.set(address, exporter)
    }
    return exporter
  }

  /** Undefined, and counted, when there are too many. */
  port(exporter: Exporter, iface: number | string): Port | undefined {
    let port = exporter.ports.get(iface)
    if (!port) {
      if (this.#ports >= this.#maxPorts) {
        this.#host.count('interfaces-over-limit')
        return undefined
      }
      this.#ports++
      port = new Port(exporter.address, iface, this.grid)
      exporter.ports.set(iface, port)
    }
    return port
  }

  /** Takes what a record of counters says; false when there was no room for its interface. */
  take({ node, iface, parent, timeMs, readings }: Readings): boolean {
    const exporter = this.exporter(this.names?.exporterOf(node) ?? node)
    const port = exporter && this.port(exporter, iface)
    if (!exporter || !port) return false
    for (const reading of readings) {
      const { counter, value } = reading
      if (counter === 'ifindex') this.#learn(exporter, String(iface), Number(value))
      else if (counter === 'speed') port.speed = Number(value ?? 0)
      else this.#grow(exporter, port, parent, reading, timeMs)
    }
    return true
  }

  #learn({ indexes }: Exporter, name: string, index: number): void {
    if (index > 0 && (indexes.has(name) || indexes.size < MAX_NAMES)) indexes.set(name, index)
  }

  /** The interface that flows have by number; undefined while nobody says which it is. */
  placeOf(exporter: Exporter, port: Port, parent?: string): Port | undefined {
    if (typeof port.iface === 'number') return port
    for (const name of parent === undefined ? [port.iface] : [port.iface, parent]) {
      const index = this.names?.indexOf(exporter.address, name) ?? exporter.indexes.get(name)
      if (index === undefined) continue
      const placed = this.port(exporter, index)
      if (placed) placed.name = name
      return placed
    }
    return undefined
  }

  #grow(exporter: Exporter, port: Port, parent: string | undefined, reading: Reading, timeMs: number): void {
    const kind = KINDS.get(reading.counter)
    if (!kind) return
    let track = port.tracks.get(reading.counter)
    if (!track) {
      track = new CounterTrack()
      port.tracks.set(reading.counter, track)
    }
    const fromMs = track.timeMs
    const mostPerMs = kind.what === 'bytes' ? port.speed / 8000 : 0
    const growth =
      reading.value === undefined
        ? track.growAtRate(reading.rate as number, timeMs)
        : track.grow(reading.value, timeMs, mostPerMs)
    const place = this.placeOf(exporter, port, parent)
    if (place) place[kind.direction].hasCounters = true
    if (typeof growth === 'object') {
      if (place) this.#enter(place[kind.direction], kind, fromMs, timeMs, growth)
      else if (kind.what === 'bytes') port.unplacedBytes += growth.amount
    } else if (growth !== 'first') this.#odd(growth, kind.what === 'bytes' ? place?.[kind.direction] : undefined)
  }

  #enter(
    series: Series,
    { what, covers }: { what: string; covers: boolean },
    fromMs: number,
    toMs: number,
    { amount, wrapped }: { amount: number; wrapped: boolean },
  ): void {
    if (wrapped) {
      this.#host.count('counters/wrapped')
      if (what === 'bytes') series.wraps++
    }
    if (what === 'ipv4' || what === 'ipv6') {
      series.add(fromMs, toMs, [], (window, share) => {
        window.familyCounters[what] += amount * share
      })
      return
    }
    const lanes: number[] =
      what === 'bytes'
        ? [LANE.counterBytes, amount, LANE.bytesCoveredMs, toMs - fromMs]
        : [LANE.counterPackets, amount, LANE.packetsCoveredMs, covers ? toMs - fromMs : 0]
    if (series.add(fromMs, toMs, lanes) > 0) this.#host.count('counters/late')
  }

  #odd(growth: Exclude<Growth, 'first' | object>, series: Series | undefined): void {
    this.#host.count(`counters/${growth === 'late' ? 'out-of-order' : growth}`)
    if (growth === 'reset' && series) series.resets++
  }

  /** Closes the windows before one, in the order of time, then of exporters and interfaces. */
  *close(openFrom: number): Generator<Closed> {
    if (openFrom <= this.grid.openFrom) return
    this.grid.openFrom = openFrom
    const due = new Set<number>()
    const all = [...this.series()]
    for (const { series } of all) for (const index of series.windows.keys()) if (index < openFrom) due.add(index)
    for (const index of [...due].sort((a, b) => a - b)) {
      for (const one of all) {
        const evidence = one.series.close(index)
        if (evidence) yield { ...one, evidence }
      }
    }
  }

  /** Interfaces that flows or counters have by number. */
  *series(): Generator<Omit<Closed, 'evidence'>> {
    for (const exporter of sorted(this.exporters)) {
      for (const port of sorted(exporter.ports)) {
        if (typeof port.iface === 'string') continue
        for (const direction of DIRECTIONS) yield { exporter, port, direction, series: port[direction] }
      }
    }
  }

  /** Interfaces whose counters could not be set against flows: nobody says which ifIndex they have. */
  *unplaced(): Generator<NetRecord> {
    for (const exporter of sorted(this.exporters)) {
      for (const { iface, unplacedBytes } of sorted(exporter.ports)) {
        if (unplacedBytes > 0 && !exporter.indexes.has(String(iface))) {
          yield { peer_ip_src: exporter.address, iface_name: iface, counter_bytes: Math.round(unplacedBytes) }
        }
      }
    }
  }
}

/** Entries in the order of their keys, numbers before names. */
function sorted<Key extends number | string, Item>(map: ReadonlyMap<Key, Item>): Item[] {
  const before = (a: Key, b: Key): number => {
    if (typeof a === 'number' && typeof b === 'number') return a - b
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0
    return typeof a === 'number' ? -1 : 1
  }
  return [...map].sort(([a], [b]) => before(a, b)).map(([, item]) => item)
}
