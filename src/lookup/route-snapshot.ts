// A table at one moment, to be read while the table goes on changing: a copy of its routes' numbers, grouped by peer and
// scope. A group is sorted when it is come to, so that nothing waits for all of them.
import type { RoutePrefixes } from './route-prefixes.ts'

/** What of a table is copied. */
interface Routes {
  readonly prefixes: RoutePrefixes
  readonly size: number
  prefix(route: number): number
  peer(route: number): number
  path(route: number): number
  attributes(route: number): number
  own(route: number): number
}

/** Routes of one peer in one scope: entries from..to of the snapshot. */
export interface RouteGroup {
  readonly peer: number
  readonly scope: number
  readonly from: number
  readonly to: number
}

export interface RouteSnapshot {
  /** By rank of the peer, then by scope. */
  readonly groups: readonly RouteGroup[]
  readonly prefix: Uint32Array
  readonly path: Uint32Array
  readonly attributes: Uint32Array
  readonly own: Uint32Array
  /** Entries of a group in the order of prefixes: shorter address first, then shorter length, then path. */
  order(group: RouteGroup): Uint32Array
  /** The ids are no longer read. */
  release(): void
}

interface OpenGroup {
  readonly peer: number
  readonly scope: number
  readonly rank: number
  count: number
  from: number
}

/** `end`: one past the largest id of a route; ids of free places have prefix 0. */
export function takeSnapshot(
  routes: Routes,
  end: number,
  rank: (peer: number) => number,
  release: () => void,
): RouteSnapshot {
  const { groups, groupOf } = countGroups(routes, end, rank)
  const sorted = [...groups].sort((a, b) => a.rank - b.rank || a.scope - b.scope)
  let total = 0
  for (const group of sorted) {
    group.from = total
    total += group.count
    group.count = 0
  }
  const copy = {
    prefix: new Uint32Array(total),
    path: new Uint32Array(total),
    attributes: new Uint32Array(total),
    own: new Uint32Array(total),
  }
  for (let route = 1; route < end; route++) {
    const prefix = routes.prefix(route)
    if (prefix === 0) continue
    const group = groupOf(routes.peer(route), routes.prefixes.scope(prefix))
    if (!group) continue
    const at = group.from + group.count++
    copy.prefix[at] = prefix
    copy.path[at] = routes.path(route)
    copy.attributes[at] = routes.attributes(route)
    copy.own[at] = routes.own(route)
  }
  return {
    ...copy,
    groups: sorted.map(({ peer, scope, from, count }) => ({ peer, scope, from, to: from + count })),
    order: group => sortedEntries(group, copy, routes.prefixes),
    release,
  }
}

type GroupOf = (peer: number, scope: number) => OpenGroup | undefined

function countGroups(
  routes: Routes,
  end: number,
  rank: (peer: number) => number,
): { groups: OpenGroup[]; groupOf: GroupOf } {
  const groups: OpenGroup[] = []
  const byPeer: (OpenGroup | undefined)[][] = []
  const groupOf: GroupOf = (peer, scope) => byPeer[peer]?.[scope]
  for (let route = 1; route < end; route++) {
    const prefix = routes.prefix(route)
    if (prefix === 0) continue
    const peer = routes.peer(route)
    const scope = routes.prefixes.scope(prefix)
    let group = groupOf(peer, scope)
    if (!group) {
      const place = rank(peer)
      if (place < 0) continue
      group = { peer, scope, rank: place, count: 0, from: 0 }
      groups.push(group)
      byPeer[peer] ??= []
      byPeer[peer][scope] = group
    }
    group.count++
  }
  return { groups, groupOf }
}

type Copy = Pick<RouteSnapshot, 'prefix' | 'path'>

/** Fewer entries are compared with each other. */
const FEW = 2048

function sortedEntries(group: RouteGroup, copy: Copy, prefixes: RoutePrefixes): Uint32Array {
  const entries = Uint32Array.from({ length: group.to - group.from }, (_, index) => group.from + index)
  const keys: ((entry: number) => number)[] = [
    ...[0, 1, 2, 3].map(word => (entry: number) => prefixes.word(copy.prefix[entry] as number, word)),
    entry => prefixes.length(copy.prefix[entry] as number),
    entry => copy.path[entry] as number,
  ]
  if (entries.length > FEW) return radixSorted(entries, group.from, keys.reverse())
  const difference = (a: number, b: number): number => {
    for (const key of keys) {
      const [first, second] = [key(a), key(b)]
      if (first !== second) return first - second
    }
    return 0
  }
  return entries.sort(difference)
}

/** By the last key first, sixteen bits a pass; passes that would change nothing are left out. */
function radixSorted(unsorted: Uint32Array, from: number, keysOf: readonly ((entry: number) => number)[]): Uint32Array {
  let entries = unsorted
  let other: Uint32Array = new Uint32Array(entries.length)
  const keys = new Uint32Array(entries.length)
  for (const keyOf of keysOf) {
    for (let index = 0; index < keys.length; index++) keys[index] = keyOf(from + index)
    for (const shift of [0, 16]) {
      if (!differs(keys, shift)) continue
      scatter(entries, keys, from, shift, other)
      const sorted = other
      other = entries
      entries = sorted
    }
  }
  return entries
}

const DIGITS = 1 << 16
const starts = new Uint32Array(DIGITS)

const digitOf = (key: number, shift: number): number => (key >>> shift) & (DIGITS - 1)

function differs(keys: Uint32Array, shift: number): boolean {
  const first = digitOf(keys[0] as number, shift)
  for (let index = 1; index < keys.length; index++) if (digitOf(keys[index] as number, shift) !== first) return true
  return false
}

/** Entries in the order of sixteen bits of their keys (key of entry `from` first); equal ones stay in order. */
function scatter(entries: Uint32Array, keys: Uint32Array, from: number, shift: number, into: Uint32Array): void {
  starts.fill(0)
  for (let index = 0; index < keys.length; index++) starts[digitOf(keys[index] as number, shift)]!++
  for (let digit = 0, sum = 0; digit < DIGITS; digit++) {
    const these = starts[digit] as number
    starts[digit] = sum
    sum += these
  }
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] as number
    const digit = digitOf(keys[entry - from] as number, shift)
    into[starts[digit]!++] = entry
  }
}
