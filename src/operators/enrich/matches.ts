// What the look-ups of a batch's rows found, for the resolvers that make fields of it. By row, as the picker numbers them.
import { ROWS } from '../../fields/column.ts'
import type { RouteInfo } from './route-info.ts'
import type { View } from './views.ts'

/** Of one end of the flow. */
export class Matches {
  /** Address that was looked up, four words a row, and its family, 0 = none. */
  readonly words: Uint32Array = new Uint32Array(4 * ROWS)
  readonly family: Uint8Array = new Uint8Array(ROWS)
  /** Route: undefined = none. Its prefix has the length; `route` is its id in the table of the view's source. */
  readonly info: (RouteInfo | undefined)[] = new Array(ROWS).fill(undefined)
  readonly view: (View | undefined)[] = new Array(ROWS).fill(undefined)
  readonly route: Uint32Array = new Uint32Array(ROWS)
  readonly length: Uint8Array = new Uint8Array(ROWS)
  /** MISS. */
  readonly miss: Uint8Array = new Uint8Array(ROWS)
  readonly isFallback: Uint8Array = new Uint8Array(ROWS)
  /** Place in the networks file, -1 = none. */
  readonly network: Int32Array = new Int32Array(ROWS).fill(-1)
  /** Length of the IGP's prefix, -1 = none. */
  readonly igpLength: Int16Array = new Int16Array(ROWS).fill(-1)
  /** METHOD that gave the net and the AS. */
  readonly netMethod: Uint8Array = new Uint8Array(ROWS)
  readonly asMethod: Uint8Array = new Uint8Array(ROWS)
}

export const ENDS = ['src', 'dst'] as const
export type End = (typeof ENDS)[number]
export type BothMatches = { readonly [end in End]: Matches }

export const makeMatches = (): BothMatches => ({ src: new Matches(), dst: new Matches() })
