// Segments of AS_PATH and AS4_PATH as the items of a record's `as_path`.
// A sequence gives one number an AS; other segments one text: "{1,2}" set, "(1 2)" confederation sequence,
// "[1,2]" confederation set, as pmacct prints them.
import type { Value } from '../../../contract/record.ts'

const SEQUENCE = 2
const BRACKETS: { readonly [type: number]: readonly [open: string, between: string, close: string] } = {
  1: ['{', ',', '}'],
  3: ['(', ' ', ')'],
  4: ['[', ',', ']'],
}

/** Items of the path in view[start..end), or what is wrong (RFC 7606 section 7.2). */
export function readSegments(view: DataView, start: number, end: number, as4: boolean): Value[] | string {
  const path: Value[] = []
  const width = as4 ? 4 : 2
  let at = start
  while (at < end) {
    if (end - at < 2) return 'a segment header is cut'
    const type = view.getUint8(at)
    const count = view.getUint8(at + 1)
    at += 2
    const next = at + count * width
    if (next > end) return `a segment of ${count} AS numbers has ${end - at} octets`
    if (count === 0) return 'a segment is empty'
    if (type === SEQUENCE) {
      for (; at < next; at += width) path.push(as4 ? view.getUint32(at) : view.getUint16(at))
      continue
    }
    const brackets = BRACKETS[type]
    if (!brackets) return `segment type ${type} does not exist`
    const numbers: number[] = []
    for (; at < next; at += width) numbers.push(as4 ? view.getUint32(at) : view.getUint16(at))
    path.push(brackets[0] + numbers.join(brackets[1]) + brackets[2])
  }
  return path
}

/** How many AS numbers an item counts for: a set for one, a confederation segment for none (RFC 5065, RFC 6793). */
function hops(item: Value): number {
  return typeof item === 'number' || (typeof item === 'string' && item.startsWith('{')) ? 1 : 0
}

/** The path of AS_PATH and AS4_PATH together: the leading hops of the first that the second lacks, then the second. */
export function mergePaths(path: Value[], path4: Value[]): Value[] {
  const count = (items: Value[]) => items.reduce<number>((sum, item) => sum + hops(item), 0)
  const missing = count(path) - count(path4)
  if (missing < 0) return path
  let kept = 0
  let taken = 0
  while (kept < path.length) {
    const more = hops(path[kept] as Value)
    if (taken + more > missing) break
    taken += more
    kept++
  }
  return [...path.slice(0, kept), ...path4]
}
