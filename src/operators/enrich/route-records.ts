// Records of BGP and BMP among flows: they are no flows, and what they say of their routes (as_path, comms) is not ours to
// fill. They keep all they have; the RPKI's word on them is added.
import type { NetRecord } from '../../contract/record.ts'
import type { Column } from '../../fields/column.ts'

/** What tells them from flows; sums have an event_type too (purge). */
export const MARKS = ['log_type', 'event_type'] as const
const EVENTS: ReadonlySet<unknown> = new Set(['log', 'log_init', 'log_close', 'dump', 'dump_init', 'dump_close'])
/** What is filled in all the same. */
const ADDED = ['roa', 'aspa'] as const

/** Whether any of the rows is such a record; the columns are those of MARKS. */
export function hasRouteRecords([types, events]: readonly (Column | undefined)[], rows: Int32Array, count: number) {
  if (types?.lane !== 'value' || events?.lane !== 'value') throw new Error('not the columns of MARKS')
  for (let index = 0; index < count; index++) {
    const row = rows[index] as number
    if (types.values[row] !== undefined || EVENTS.has(events.values[row])) return true
  }
  return false
}

/** Does to records what `fill` does, which changes them in place, and leaves those of routes as they were. */
export async function sparing(records: readonly NetRecord[], fill: () => Promise<unknown>): Promise<void> {
  const spared = records.filter(({ log_type, event_type }) => log_type !== undefined || EVENTS.has(event_type))
  const before = spared.map(record => ({ ...record }))
  await fill()
  spared.forEach((record, index) => {
    const filled = { ...record }
    for (const name of Object.keys(record)) delete record[name]
    Object.assign(record, before[index])
    for (const name of ADDED) if (filled[name] !== undefined) record[name] = filled[name]
  })
}
