// What a worker and the thread that started it say to each other.
import type { MessagePort } from 'node:worker_threads'
import type { Needs } from '../../contract/component.ts'
import type { Reading } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { PartialGroup } from '../../operators/aggregate/partial-group.ts'
import type { Ring } from '../../sources/datagram-ring.ts'
import type { ParsedOptions } from '../parsed.ts'

/** A stage as another thread can make it again. */
export interface StageOrigin {
  readonly command: string
  readonly parsed: ParsedOptions
}

/** What a worker gives: its records as lines, or sums of them to be merged. */
export type WorkerForm = 'lines' | 'sums'

export interface WorkerInput {
  /** The package's folder, for oclif. */
  readonly root: string
  /** The source first. */
  readonly stages: readonly StageOrigin[]
  readonly form: WorkerForm
  /** What is wanted of the output of the last stage. */
  readonly wanted: Needs
  /** Lines are counted as `out` by who writes them, not here. */
  readonly outIsCounted: boolean
  readonly strict: boolean
  readonly ring: Ring
  readonly news: MessagePort
  /** Stored templates of the exporters of this worker; undefined = none are kept. */
  readonly templates: { readonly name: string; readonly stored: unknown } | undefined
  /** Keys of sums that are held here. */
  readonly maxKeys: number
}

export interface OctetsMessage {
  readonly kind: 'octets'
  /** Whole lines. Valid until the next message is asked for. */
  readonly octets: Uint8Array<ArrayBuffer>
  readonly rows: number
}
export interface SumsMessage {
  readonly kind: 'sums'
  readonly groups: readonly PartialGroup[]
  readonly rows: number
}
export interface MarkMessage {
  readonly kind: 'mark'
  /** Unix ms; all before it was said. Infinity at the end. */
  readonly now: number
  /** Records came since the mark before. */
  readonly isBusy: boolean
}
export interface CountersMessage {
  readonly kind: 'counters'
  /** By stage: what was counted since the last time, and the readings now. */
  readonly counted: readonly (readonly (readonly [name: string, by: number])[])[]
  readonly readings: readonly (readonly Reading[])[]
}
export type WorkerMessage =
  | OctetsMessage
  | SumsMessage
  | MarkMessage
  | CountersMessage
  /** It has read its maps, and decodes from here on. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'problem'; readonly stage: number; readonly problem: Problem }
  | { readonly kind: 'templates'; readonly templates: unknown }
  /** Under --strict, or what the user must mend. */
  | { readonly kind: 'failed'; readonly problem: Problem; readonly stage?: string | undefined }
  | { readonly kind: 'ended' }

export type WorkerOrder =
  /** Maps of a stage are to be read again. */
  | { readonly kind: 'reload'; readonly stage: number }
  /** Rows that were taken out of the messages. */
  | { readonly kind: 'taken'; readonly rows: number }
  /** The memory of lines that were taken, to be used again. */
  | { readonly kind: 'spare'; readonly memory: ArrayBuffer }
  /** Nobody wants the rest. */
  | { readonly kind: 'stop' }
