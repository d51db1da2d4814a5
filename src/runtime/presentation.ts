// How records are written where the default is not wanted: chosen fields, pmacct's forms, other time formats.
import type { Stream } from '../contract/record.ts'
import type { Encodings, TimeFormat } from '../fields/present.ts'
import { presenter } from '../fields/present.ts'

export interface PresentationOptions {
  /** Only these, in the dictionary's order; undefined = all. */
  readonly fields?: readonly string[] | undefined
  readonly compat?: 'pmacct' | undefined
  readonly timestamps?: TimeFormat | undefined
  readonly wholeSeconds?: boolean
  readonly encode?: Encodings | undefined
}

/** The stream itself where nothing is asked for: then batches keep their octets and columns. */
export function presentation(stream: Stream, options: PresentationOptions): Stream {
  const { fields, compat, timestamps, wholeSeconds, encode } = options
  if (!fields && !compat && !timestamps && !wholeSeconds && !encode) return stream
  return present(stream, options)
}

async function* present(stream: Stream, options: PresentationOptions): Stream {
  const form = presenter(options)
  for await (const batch of stream) yield form(batch)
}
