// What `--spool` and its companions say.

/** When what was written must be on the disk itself: before it counts as taken, once a second, or whenever the system likes. */
export type SpoolSync = 'always' | 'interval' | 'never'
/** What happens while there is no room: the input waits, or records are dropped and counted. */
export type SpoolFull = 'block' | 'drop-newest' | 'drop-oldest'

export interface SpoolOptions {
  readonly folder: string
  /** Octets of all segments. */
  readonly octets: number
  readonly sync: SpoolSync
  readonly full: SpoolFull
}

export const SPOOL_DEFAULTS: Omit<SpoolOptions, 'folder'> = { octets: 2 ** 30, sync: 'interval', full: 'block' }

const LARGEST_SEGMENT = 16 << 20
const LEAST_SEGMENT = 1 << 14
const SEGMENTS = 8

/** Segments are deleted whole, so that several must fit. */
export const segmentOctets = ({ octets }: SpoolOptions): number =>
  Math.min(LARGEST_SEGMENT, Math.max(LEAST_SEGMENT, Math.floor(octets / SEGMENTS)))
