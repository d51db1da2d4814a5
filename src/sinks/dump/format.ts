// How records become the text of a file: what json, csv and table have in common.
import type { Batch } from '../../contract/record.ts'
import type { OctetBuffer } from '../../octets/buffer.ts'

export type MarkerKind = 'purge_init' | 'purge_close'

export interface Marker {
  readonly kind: MarkerKind
  readonly writerId: string
  /** Records written, of so many; of purge_close. */
  readonly entries: number
  /** On the record clock. */
  readonly durationSeconds: number
}

/** The text of one file. What it appends to `out` is whole lines. */
export interface Format {
  /** Records taken but not in `out` yet. */
  readonly held: number
  /** Returns how many records are in `out` that were not before. */
  write(batch: Batch, out: OctetBuffer): number
  /** Appends what need not be held any more (`all`: everything); how many records. */
  release(out: OctetBuffer, all: boolean): number
  marker(marker: Marker, out: OctetBuffer): void
}

/** What is known of the file that the text goes to. */
export interface Beginning {
  readonly fileName: string
  /** The file is empty so far. */
  readonly fresh: boolean
  /** Of a file that is not. */
  readonly firstLines?: readonly string[] | undefined
}

export type MakeFormat = (beginning: Beginning) => Format
