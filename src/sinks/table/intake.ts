// A delivery taken in by a sink of tables: its records by the table they belong to, and what they have that no column can be.
import type { DeliveryBatch } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import type { TableNames } from './names.ts'
import type { PlacedRecord } from './rows.ts'
import type { TableSchema } from './schema.ts'

/** Records that open or close an interval for the reader of a file. */
const MARKERS: ReadonlySet<unknown> = new Set(['purge_init', 'purge_close'])
const SHOWN = 80

const isMarker = ({ event_type }: NetRecord): boolean => event_type !== undefined && MARKERS.has(event_type)

/** Records by the name of their table. Markers are left out; fields that cannot be columns are told, once. */
export function byTable(
  { records, takenMs }: Pick<DeliveryBatch, 'records' | 'takenMs'>,
  names: TableNames,
  schema: TableSchema,
  host: Host,
): Map<string, PlacedRecord[]> {
  const groups = new Map<string, PlacedRecord[]>()
  for (const [index, record] of records.entries()) {
    if (isMarker(record)) {
      host.count('markers_left_out')
      continue
    }
    const name = names.of(record, takenMs)
    const group = groups.get(name)
    if (group) group.push({ index, record })
    else groups.set(name, [{ index, record }])
  }
  for (const { name } of schema.take(records)) {
    host.count('fields_left_out')
    host.report({
      code: 'table/no-column',
      message: `field "${name.slice(0, SHOWN)}" cannot be a column, so its values are left out`,
      hint: 'names are letters, digits and _, different without regard to case',
    })
  }
  return groups
}
