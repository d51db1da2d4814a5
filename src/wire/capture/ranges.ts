// Which octets of a whole have come: disjoint ranges in order, as [start, end, start, end, ...].

/** Adds [start, end); what overlaps or touches becomes one range. */
export function addRange(ranges: readonly number[], start: number, end: number): number[] {
  const merged: number[] = []
  let index = 0
  for (; index < ranges.length && ranges[index + 1]! < start; index += 2)
    merged.push(ranges[index]!, ranges[index + 1]!)
  for (; index < ranges.length && ranges[index]! <= end; index += 2) {
    start = Math.min(start, ranges[index]!)
    end = Math.max(end, ranges[index + 1]!)
  }
  merged.push(start, end, ...ranges.slice(index))
  return merged
}
