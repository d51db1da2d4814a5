// Packets of interfaces, as they come: a tcpdump for each. SIGHUP reads the map of interfaces again.
import type { Host } from '../../contract/host.ts'
import { isProblem } from '../../contract/problem.ts'
import type { Stream } from '../../contract/record.ts'
import { type InterfacesMap, type MappedInterface, readInterfacesMap } from '../../maps/interfaces-map.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import type { PacketSink } from '../../wire/packet/packet-rows.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import { type InterfaceCapture, keyOf, openInterface, sourceOf, systemIndex } from './interface-capture.ts'
import type { PacketSourceOptions } from './packet-options.ts'

/** A silent interface says so often what time it is, and a map to be read again waits no longer. */
const HEARTBEAT_MS = 1000

interface Arrival {
  readonly capture: InterfaceCapture
  readonly block: FrameBlock | undefined
}

function interfacesOf({ interfaces }: PacketSourceOptions, map: InterfacesMap | undefined): MappedInterface[] {
  if (map) {
    const chosen = new Set(interfaces)
    return map.interfaces.filter(({ name }) => chosen.size === 0 || chosen.has(name))
  }
  return interfaces.map(name => ({ name, index: systemIndex(name), direction: undefined }))
}

class Captures {
  readonly #options: PacketSourceOptions
  readonly #host: Host
  readonly #waiting = new Map<InterfaceCapture, Promise<Arrival>>()
  /** Those that were told to end, and may still have something. */
  readonly #ending = new WeakSet<InterfaceCapture>()
  #reloads: number

  constructor(options: PacketSourceOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#reloads = host.reloads
  }

  async open(interfaces: readonly MappedInterface[], isLate: boolean): Promise<void> {
    const captures = await Promise.all(interfaces.map(one => openInterface(one, this.#options, this.#host, isLate)))
    for (const capture of captures) this.#wait(capture)
    if (this.#host.signal.aborted) this.stop()
  }

  stop(): void {
    for (const capture of this.#waiting.keys()) capture.stop()
  }

  /** Blocks in the order in which they come; none where nothing came for a while. Ends when all captures have. */
  async *arrivals(): AsyncGenerator<Arrival | undefined> {
    while (this.#waiting.size > 0) {
      if (this.#reloads !== this.#host.reloads) await this.#reload()
      const beat = heartbeat()
      const arrival = await Promise.race([...this.#waiting.values(), beat.promise])
      beat.stop()
      if (arrival && !arrival.block) this.#waiting.delete(arrival.capture)
      else {
        yield arrival
        // A block is valid until the next is asked for.
        if (arrival) this.#wait(arrival.capture)
      }
    }
  }

  #wait(capture: InterfaceCapture): void {
    const arrival = capture.next().then(block => ({ capture, block }))
    // It is looked at when its turn comes.
    arrival.catch(() => {})
    // Behind the others, so that a busy one leaves them their turns.
    this.#waiting.delete(capture)
    this.#waiting.set(capture, arrival)
  }

  async #reload(): Promise<void> {
    this.#reloads = this.#host.reloads
    const { map } = this.#options
    if (!map || this.#host.signal.aborted) return
    const read = await readInterfacesMap(map.file)
    const interfaces = isProblem(read) ? [] : interfacesOf(this.#options, read)
    if (isProblem(read)) this.#host.report(read)
    else if (interfaces.length === 0) {
      this.#host.report({ code: 'packets/no-interfaces', message: `${map.file}: no interface is left to capture from` })
    }
    this.#host.count(interfaces.length > 0 ? 'maps/reloaded' : 'maps/refused')
    if (interfaces.length > 0) await this.#change(interfaces)
  }

  /** Interfaces that are there already go on, with other numbers where the map says so. */
  async #change(interfaces: readonly MappedInterface[]): Promise<void> {
    const wanted = new Map(interfaces.map(one => [keyOf(one), one]))
    for (const capture of this.#waiting.keys()) {
      if (this.#ending.has(capture)) continue
      const one = wanted.get(capture.key)
      wanted.delete(capture.key)
      if (one) capture.source = sourceOf(one)
      else {
        this.#ending.add(capture)
        capture.stop()
      }
    }
    await this.open([...wanted.values()], true)
  }
}

export async function* packetsOfInterfaces(options: PacketSourceOptions, sink: PacketSink, host: Host): Stream {
  const captures = new Captures(options, host)
  await captures.open(interfacesOf(options, options.map), false)
  if (options.account) dropPrivileges(options.account)
  const stop = () => captures.stop()
  host.signal.addEventListener('abort', stop)
  try {
    for await (const arrival of captures.arrivals()) {
      if (!arrival?.block) yield* sink.tick(Date.now() * 1000)
      else {
        yield* sink.take(arrival.block, arrival.capture.source)
        yield* sink.flush()
      }
    }
    yield* sink.finish()
  } finally {
    host.signal.removeEventListener('abort', stop)
    stop()
  }
}

function heartbeat(): { promise: Promise<undefined>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), HEARTBEAT_MS)
  })
  return { promise, stop: () => clearTimeout(timer) }
}
