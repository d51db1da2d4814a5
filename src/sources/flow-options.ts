// What flow-recv is told.
import type { FlowDecoderOptions } from '../wire/flow/options.ts'
import type { FlowCaptureOptions } from './flow-capture.ts'

export interface FlowOptions extends FlowCaptureOptions {
  readonly decoder: FlowDecoderOptions
}
