// Fields of the dictionary that a captured frame fills, and statements that put them somewhere.
import type { Value } from '../../contract/record.ts'
import type { Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { communityId } from './community-id.ts'
import { type Frame, headersOf } from './frame.ts'
import { INSPECTED } from './inspect/inspect.ts'
import { addressSource, type PartSource, partSource } from './parts.ts'

export interface FrameOptions {
  /** The header in a tunnel takes the place of the outer one. */
  readonly inner: boolean
  readonly renormalize: boolean
}

const numberSources = ({ renormalize }: FrameOptions): { readonly [field: string]: string } => ({
  timestamp_arrival: 'frame.timeUs',
  frame_number: 'frame.number',
  frame_bytes: 'frame.wireOctets',
  iface_in: 'frame.ifaceIn',
  iface_out: 'frame.ifaceOut',
  sampling_rate: `frame.rate === 1 ? NaN : ${renormalize ? '1' : 'frame.rate'}`,
  packets: renormalize ? 'frame.rate' : '1',
  bytes: renormalize ? 'frame.bytes * frame.rate' : 'frame.bytes',
})

type ReadFrame = (frame: Frame) => Value | undefined

/** Fields that take more than a look at the headers. */
function readerOf(field: string, { inner }: FrameOptions): ReadFrame | undefined {
  if (field === 'community_id') return frame => communityId(headersOf(frame, inner))
  return INSPECTED.has(field) ? frame => frame.inspected?.[field] : undefined
}

function sourceOf(field: string, options: FrameOptions): PartSource | undefined {
  const numbers = numberSources(options)
  return Object.hasOwn(numbers, field) ? { text: numbers[field] as string } : partSource(field, options.inner)
}

/** Whether packets have the field. */
export const isFrameField = (field: string, options: FrameOptions): boolean =>
  readerOf(field, options) !== undefined || sourceOf(field, options) !== undefined

/** Where a field goes: what stands left of the equals sign; addresses have words from `at` on. */
export interface Destination {
  readonly into: string
  readonly words?: string
  readonly at?: string
}

export interface FrameSource {
  /** Statements; they read `frame`, its packet `p`, and `readers`. */
  readonly text: string
  readonly readers: readonly (ReadFrame | undefined)[]
}

/** Statements that put fields of a frame where `destination` says. */
export function frameSource(
  fields: readonly Field[],
  options: FrameOptions,
  destination: (field: Field, index: number) => Destination,
): FrameSource {
  const readers: (ReadFrame | undefined)[] = []
  const lines = fields.map((field, index) => {
    const { into, words = '', at = '' } = destination(field, index)
    const reader = readerOf(field.name, options)
    readers.push(reader)
    if (reader) {
      const read = `readers[${index}](frame)`
      return field.type.lane === 'number'
        ? `{ const x = ${read}; ${into} = x === undefined ? NaN : x }`
        : `${into} = ${read}`
    }
    const source = sourceOf(field.name, options) as PartSource
    return source.headers === undefined ? `${into} = ${source.text}` : addressSource(source, words, at, into)
  })
  return { text: `const p = frame.packet;\n${lines.join(';\n')}`, readers }
}

export type FrameWriter = (frame: Frame, row: number) => void

const DESTINATIONS: { readonly [lane in Column['lane']]: (index: number) => Destination } = {
  number: index => ({ into: `c${index}.numbers[row]` }),
  value: index => ({ into: `c${index}.values[row]` }),
  address: index => ({ into: `c${index}.family[row]`, words: `c${index}.words`, at: '4 * row' }),
}

/** Writes these fields of a frame into a row of their columns. */
export function rowWriter(fields: readonly Field[], columns: readonly Column[], options: FrameOptions): FrameWriter {
  const { text, readers } = frameSource(fields, options, (field, index) => DESTINATIONS[field.type.lane](index))
  const names = columns.map((_, index) => `c${index}`)
  const body = `'use strict'; const [${names.join(', ')}] = columns; return (frame, row) => { ${text} }`
  return new Function('columns', 'readers', body)(columns, readers) as FrameWriter
}
