// Packets of interfaces, as they come: a tcpdump for each.
import { readFileSync } from 'node:fs'
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import type { MappedInterface } from '../../maps/interfaces-map.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import type { FrameSource } from '../../wire/packet/frame-reader.ts'
import type { PacketSink } from '../../wire/packet/packet-rows.ts'
import { framesOf } from '../capture-file.ts'
import { dropPrivileges } from '../drop-privileges.ts'
import type { PacketSourceOptions } from './packet-options.ts'
import { runTcpdump } from './tcpdump.ts'

/** A silent interface says so often what time it is. */
const HEARTBEAT_MS = 1000

interface Capture {
  readonly frames: AsyncGenerator<FrameBlock, void, void>
  readonly source: FrameSource
  stop(): void
  ended(gave: boolean): Promise<void>
}

interface Arrival {
  readonly capture: Capture
  readonly block: FrameBlock | undefined
}

/** The system's number of an interface; NaN where it has none (any, nflog). */
function systemIndex(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')) || Number.NaN
  } catch {
    return Number.NaN
  }
}

function interfacesOf({ interfaces, map }: PacketSourceOptions): MappedInterface[] {
  if (map) {
    const chosen = new Set(interfaces)
    return map.interfaces.filter(({ name }) => chosen.size === 0 || chosen.has(name))
  }
  return interfaces.map(name => ({ name, index: systemIndex(name), direction: undefined }))
}

function wordsOf({ name, direction }: MappedInterface, options: PacketSourceOptions): string[] {
  const { snapOctets, promiscuous, account, filter } = options
  return [
    '-i',
    name,
    '-w',
    '-',
    '-U',
    '--immediate-mode',
    '-s',
    String(snapOctets),
    ...(direction ? ['-Q', direction] : []),
    ...(promiscuous ? [] : ['-p']),
    // The same user as ours, so that we may end it.
    '-Z',
    account?.name ?? userName(),
    ...(filter === undefined ? [] : ['--', filter]),
  ]
}

/** tcpdump becomes another user where root starts it, unless told otherwise. */
const userName = (): string => (process.getuid?.() === 0 ? 'root' : (process.env.USER ?? 'root'))

async function open(one: MappedInterface, options: PacketSourceOptions, host: Host): Promise<Capture> {
  const { name, index, direction } = one
  const words = wordsOf(one, options)
  const running = await runTcpdump(words, `interface ${name}`, host)
  const frames = framesOf(`interface ${name}`, running.octets, { signal: new AbortController().signal }, quiet(host))
  const source = {
    ifaceIn: direction === 'out' ? Number.NaN : index,
    ifaceOut: direction === 'out' ? index : Number.NaN,
  }
  return { frames, source, stop: running.stop, ended: running.ended }
}

/** An interface that was never opened gives no capture at all: tcpdump's own words say more. */
const quiet = (host: Host): Host => ({
  get signal() {
    return host.signal
  },
  get reloads() {
    return host.reloads
  },
  count: (name, by) => host.count(name, by),
  report: problem => {
    if (problem.code !== 'capture/not-a-capture' && problem.code !== 'capture/truncated') host.report(problem)
  },
  watch: read => host.watch(read),
})

export async function* packetsOfInterfaces(options: PacketSourceOptions, sink: PacketSink, host: Host): Stream {
  const captures = await Promise.all(interfacesOf(options).map(one => open(one, options, host)))
  if (options.account) dropPrivileges(options.account)
  const stop = () => {
    for (const capture of captures) capture.stop()
  }
  host.signal.addEventListener('abort', stop)
  if (host.signal.aborted) stop()
  try {
    for await (const { block, capture } of merged(captures)) {
      if (!block || !capture) yield* sink.tick(Date.now() * 1000)
      else {
        yield* sink.take(block, capture.source)
        yield* sink.flush()
      }
    }
    for (const capture of captures) await capture.ended(true)
    yield* sink.finish()
  } finally {
    host.signal.removeEventListener('abort', stop)
    stop()
  }
}

/** Blocks in the order in which they come; without one where nothing came for a while. */
async function* merged(captures: readonly Capture[]): AsyncGenerator<{ block?: FrameBlock; capture?: Capture }> {
  const next = async (capture: Capture): Promise<Arrival> => {
    const { value } = await capture.frames.next().catch(async error => {
      // What tcpdump says of its failure goes before what is missing in its output.
      await capture.ended(false)
      throw error
    })
    return { capture, block: value ?? undefined }
  }
  const waiting = new Map(captures.map(capture => [capture, next(capture)]))
  while (waiting.size > 0) {
    const beat = heartbeat()
    const arrival = await Promise.race([...waiting.values(), beat.promise])
    beat.stop()
    if (!arrival) yield {}
    else if (!arrival.block) waiting.delete(arrival.capture)
    else {
      yield { block: arrival.block, capture: arrival.capture }
      // A block is valid until the next is asked for.
      waiting.set(arrival.capture, next(arrival.capture))
    }
  }
}

function heartbeat(): { promise: Promise<undefined>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), HEARTBEAT_MS)
  })
  return { promise, stop: () => clearTimeout(timer) }
}
