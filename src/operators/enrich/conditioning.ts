// What is made of a route's attributes before they are used.
import type { Value } from '../../contract/record.ts'

export interface Conditioning {
  /** Hops of a path that are kept; 0 = all. */
  readonly radius: number
  /** Communities that match one of these are kept; none = all. */
  readonly comms: readonly RegExp[]
  readonly ecomms: readonly RegExp[]
  readonly lcomms: readonly RegExp[]
  /** Communities P:O (large: P:x:O) that name the peer AS and the origin AS of a route whose path is empty. */
  readonly commsToAs: readonly RegExp[]
  readonly lcommsToAs: readonly RegExp[]
  /** Confederation segments are no part of the path when its first and last AS are asked for. */
  readonly skipSubAs: boolean
  /** Origin of routes with an empty path; 0 = not known. */
  readonly ownAs: number
  readonly blackhole: ReadonlySet<string>
}

export const AS_IT_IS: Conditioning = {
  radius: 0,
  comms: [],
  ecomms: [],
  lcomms: [],
  commsToAs: [],
  lcommsToAs: [],
  skipSubAs: false,
  ownAs: 0,
  blackhole: new Set(),
}

/** pmacct's pattern: a part of the community, `.` stands for any character. */
export function communityPattern(text: string): RegExp {
  return new RegExp(text.replaceAll(/[\\^$*+?()[\]{}|]/g, '\\$&'))
}

const isMatch = (value: Value, patterns: readonly RegExp[]): boolean =>
  patterns.some(pattern => pattern.test(String(value)))

export function conditionComms(list: Value[] | undefined, patterns: readonly RegExp[]): Value[] | undefined {
  if (!list || patterns.length === 0) return list
  const kept = list.filter(value => isMatch(value, patterns))
  return kept.length > 0 ? kept : undefined
}

export const shortened = (path: Value[] | undefined, radius: number): Value[] | undefined =>
  path && radius > 0 && path.length > radius ? path.slice(0, radius) : path

/** The ASes that a community names; undefined when none does. */
export function patternAs(
  { commsToAs, lcommsToAs }: Conditioning,
  comms: readonly Value[] | undefined,
  lcomms: readonly Value[] | undefined,
): { peerAs: number; originAs: number } | undefined {
  for (const [list, patterns] of [
    [comms, commsToAs],
    [lcomms, lcommsToAs],
  ] as const) {
    const found = patterns.length > 0 ? list?.find(value => isMatch(value, patterns)) : undefined
    const parts = found === undefined ? [] : String(found).split(':').map(Number)
    if (parts.length >= 2 && parts.every(Number.isInteger))
      return { peerAs: parts[0] as number, originAs: parts.at(-1) as number }
  }
  return undefined
}
