// What the RPKI says of a route, in pmacct's letters.
import type { Value } from '../../contract/record.ts'
import type { PathState } from '../../lookup/aspa-table.ts'
import type { Origin, RoaTable } from '../../lookup/roa-table.ts'

/** v valid, i invalid, u unknown; V, U: invalid, but a less specific route is valid, unknown. */
export type RoaLetter = 'v' | 'i' | 'u' | 'V' | 'U'

export const STATE_LETTERS: { readonly [state in Origin | PathState]: 'v' | 'i' | 'u' } = {
  valid: 'v',
  invalid: 'i',
  unknown: 'u',
}

/** A route that is less specific than the one in question. */
export interface LessSpecific {
  readonly length: number
  readonly origin: number
}

/**
 * The letter of a route. Where it is invalid its less specific routes are asked for, the longest first: the first that is
 * not invalid itself decides, as in pmacct. Traffic to a dropped route would go there.
 */
export function roaLetter(
  roas: RoaTable,
  family: 4 | 6,
  words: ArrayLike<number>,
  at: number,
  length: number,
  origin: number,
  lessSpecific?: () => Iterable<LessSpecific>,
): RoaLetter {
  const [a, b, c, d] = [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0]
  const state = (bits: number, as: number) => roas.validateWords(family, a, b, c, d, bits, as)
  const own = state(length, origin)
  if (own !== 'invalid' || !lessSpecific) return STATE_LETTERS[own]
  for (const route of lessSpecific()) {
    const other = state(route.length, route.origin)
    if (other !== 'invalid') return other === 'valid' ? 'V' : 'U'
  }
  return 'i'
}

/** Path segments as records have them: a number an AS, a text for any other segment (`{1,2}`, `(1 2)`, `[1,2]`). */
type Path = readonly Value[]

const isConfederation = (item: Value): boolean => typeof item === 'string' && /^[([]/.test(item)

/**
 * The origin of a path by RFC 6811 section 2: its last AS; `ownAs` where it is empty but for confederation segments (RFC
 * 6907 section 7); 0 = none, where it ends with an AS_SET.
 */
export function originOf(path: Path, ownAs: number): number {
  const last = path.findLast(item => !isConfederation(item))
  if (last === undefined) return ownAs
  return typeof last === 'number' ? last : /^\d{1,10}$/.test(String(last)) ? Number(last) : 0
}

/** The path as ASPA wants it: numbers, without confederation segments; undefined when it has an AS_SET. */
export function plainPath(path: Path): number[] | undefined {
  const ases: number[] = []
  for (const item of path) {
    if (isConfederation(item)) continue
    const asn = typeof item === 'number' ? item : /^\d{1,10}$/.test(String(item)) ? Number(item) : -1
    if (asn < 0) return undefined
    ases.push(asn)
  }
  return ases
}
