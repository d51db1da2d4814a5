// What flow-recv is told.
import type { AllowList } from '../maps/allow-list.ts'
import type { SamplingMap } from '../maps/sampling-map.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'
import type { CapturedOptions } from './captured.ts'
import type { FlowNetworkOptions } from './flow-network.ts'
import type { FlowShare } from './flow-share.ts'

/** Captures where some are given, else the network. */
export interface FlowOptions extends CapturedOptions, FlowNetworkOptions {
  readonly decoder: FlowDecoderOptions
  readonly allow: AllowList | undefined
  readonly samplingMap: SamplingMap | undefined
  readonly templateStore: string | undefined
  /** Threads that decode. */
  readonly workers: number
  /** In such a thread: what it decodes. */
  readonly share?: FlowShare | undefined
}
