// What flow-recv is told.
import type { AllowList } from '../maps/allow-list.ts'
import type { SamplingMap } from '../maps/sampling-map.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'
import type { FlowCaptureOptions } from './flow-capture.ts'
import type { FlowNetworkOptions } from './flow-network.ts'
import type { FlowShare } from './flow-share.ts'

/** Captures where some are given, else the network. */
export interface FlowOptions extends FlowCaptureOptions, FlowNetworkOptions {
  readonly decoder: FlowDecoderOptions
  readonly allow: AllowList | undefined
  readonly samplingMap: SamplingMap | undefined
  readonly templateStore: string | undefined
  /** Threads that decode. */
  readonly workers: number
  /** In such a thread: what it decodes. */
  readonly share?: FlowShare | undefined
}
