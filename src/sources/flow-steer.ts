// The other side of flow-share.ts: datagrams of the network or of captures into the rings of the workers.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Host } from '../contract/host.ts'
import { dropPrivileges } from './drop-privileges.ts'
import { capturedFlows } from './flow-capture.ts'
import type { FlowOptions } from './flow-options.ts'
import { Steering } from './steering.ts'
import { UdpThreadHandle } from './udp-thread-handle.ts'
import type { Outlets, RingNews } from './udp-thread-messages.ts'

/** Losses are counted and told so often. */
const TICK_MS = 1000
/** A worker whose ring is full is looked at again after so long. */
const FULL_MS = 1

/**
 * Resolves when all is in the rings and the workers know that it was the last: at the end of the captures, or when the signal
 * aborts and what the sockets had is read. Throws a ProblemError when a socket or a capture cannot be opened.
 */
export function steerFlows(options: FlowOptions, outlets: Outlets, signal: AbortSignal, host: Host): Promise<void> {
  return options.captures.length > 0
    ? steerCaptures(options, outlets, signal, host)
    : steerNetwork(options, outlets, signal, host)
}

async function steerNetwork(options: FlowOptions, outlets: Outlets, signal: AbortSignal, host: Host): Promise<void> {
  let end: () => void = () => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const thread = new UdpThreadHandle(options.udp, outlets, host, { wake() {}, end: () => end() })
  const drain = () => thread.drain()
  let timer: NodeJS.Timeout | undefined
  try {
    await thread.opened()
    thread.tell()
    host.watch(() => thread.readings())
    if (options.account) dropPrivileges(options.account)
    const told = new Promise<void>((_, reject) => {
      timer = setInterval(() => {
        try {
          thread.count()
          thread.tell()
        } catch (error) {
          reject(error) // --strict, or the thread's own end
        }
      }, TICK_MS)
    })
    if (signal.aborted) drain()
    else signal.addEventListener('abort', drain)
    await Promise.race([ended, told])
    thread.count()
    thread.tell()
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', drain)
    await thread.close()
  }
}

/** A capture waits for the workers: nothing is lost. */
async function steerCaptures(options: FlowOptions, outlets: Outlets, signal: AbortSignal, host: Host): Promise<void> {
  const captured = capturedFlows(options, host)
  const steering = new Steering(outlets.rings, outlets.known)
  const tell = (news: RingNews) => (ring: number) => outlets.ports[ring]?.postMessage(news)
  for await (const block of captured.blocks(signal)) {
    const { octets, peers } = block
    for (const index of captured.indexes(block)) {
      const datagram = octets.subarray(block.start[index], block.end[index])
      const { address, port } = peers.get(block.peer[index] as number)
      const timeUs = block.timeUs[index] as number
      while (!steering.add(datagram, address, port, timeUs) && !signal.aborted) {
        steering.end(tell('wake'))
        await sleep(FULL_MS)
      }
    }
    steering.end(tell('wake'))
    // What the workers say has its turn.
    await turn()
  }
  outlets.rings.forEach((_, ring) => {
    tell('ended')(ring)
  })
}
