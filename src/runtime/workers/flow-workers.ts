// flow-recv shared out among workers.
import type { FlowOptions } from '../../sources/flow-options.ts'
import { steerFlows } from '../../sources/flow-steer.ts'
import type { SourceInWorkers } from './in-workers.ts'

export function flowInWorkers(options: FlowOptions): SourceInWorkers | undefined {
  const { workers, captures, templateStore } = options
  if (workers < 2) return undefined
  return {
    count: workers,
    isLive: captures.length === 0,
    templateStore,
    steer: (outlets, signal, host) => steerFlows(options, outlets, signal, host),
  }
}
