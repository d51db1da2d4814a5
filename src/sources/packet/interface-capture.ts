// Packets of one interface, as tcpdump captures them.
import { readFileSync } from 'node:fs'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { MappedInterface } from '../../maps/interfaces-map.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import type { FrameSource } from '../../wire/packet/frame-reader.ts'
import { framesOf } from '../capture-file.ts'
import type { PacketSourceOptions } from './packet-options.ts'
import { runTcpdump } from './tcpdump.ts'

export interface InterfaceCapture {
  readonly name: string
  /** The same for the same tcpdump: name and direction. */
  readonly key: string
  /** Its numbers; a map that is read again may give others. */
  source: FrameSource
  /** The next frames; undefined at its end. They are valid until the next are asked for. Throws a ProblemError. */
  next(): Promise<FrameBlock | undefined>
  /** Asks tcpdump to end; what it still has comes. */
  stop(): void
}

export const keyOf = ({ name, direction }: MappedInterface): string => `${name} ${direction ?? ''}`

/** The system's number of an interface; NaN where it has none (any, nflog). */
export function systemIndex(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')) || Number.NaN
  } catch {
    return Number.NaN
  }
}

export const sourceOf = ({ direction, index }: MappedInterface): FrameSource => ({
  ifaceIn: direction === 'out' ? Number.NaN : index,
  ifaceOut: direction === 'out' ? index : Number.NaN,
})

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

/** Starts tcpdump. One that was started while others run (`isLate`) ends with a report where it fails. */
export async function openInterface(
  one: MappedInterface,
  options: PacketSourceOptions,
  host: Host,
  isLate: boolean,
): Promise<InterfaceCapture> {
  const what = `interface ${one.name}`
  const running = await runTcpdump(wordsOf(one, options), what, host)
  const frames = framesOf(what, running.octets, { signal: new AbortController().signal }, quiet(host))
  const fail = async (error: unknown): Promise<void> => {
    try {
      // What tcpdump says of its failure goes before what is missing in its output.
      await running.ended(false)
      throw error
    } catch (worse) {
      if (!isLate || !(worse instanceof ProblemError)) throw worse
      host.report(worse.problem)
    }
  }
  const next = async (): Promise<FrameBlock | undefined> => {
    try {
      const { value } = await frames.next()
      if (!value) await running.ended(true)
      return value ?? undefined
    } catch (error) {
      await fail(error)
      return undefined
    }
  }
  return { name: one.name, key: keyOf(one), source: sourceOf(one), next, stop: running.stop }
}
