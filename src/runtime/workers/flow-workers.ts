// flow-recv shared out among workers.
import { RING_OCTETS } from '../../sources/datagram-ring.ts'
import type { FlowOptions } from '../../sources/flow-options.ts'
import { steerFlows } from '../../sources/flow-steer.ts'
import type { SourceInWorkers } from './in-workers.ts'

/** A capture waits; what is small stays in the processor's caches. */
const CAPTURE_RING_OCTETS = 2 * 1024 * 1024

export function flowInWorkers(options: FlowOptions): SourceInWorkers | undefined {
  const { workers, captures, templateStore } = options
  if (workers < 2) return undefined
  return {
    count: workers,
    isLive: captures.length === 0,
    ringOctets: captures.length === 0 ? RING_OCTETS : CAPTURE_RING_OCTETS,
    templateStore,
    steer: (outlets, signal, host) => steerFlows(options, outlets, signal, host),
  }
}
