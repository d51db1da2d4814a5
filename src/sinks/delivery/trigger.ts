// What a delivery tells the trigger: the bins of its records, whatever form they have.
import type { Rejected } from '../../contract/backend.ts'
import type { NumberColumn } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import { picker } from '../../fields/picker.ts'
import type { BinTrigger } from '../bin-trigger.ts'
import type { Parcel } from './parcel.ts'

const pick = picker([fieldOf('stamp_inserted')])

/** The backend has these records, but for those that it refused. */
export function tellDelivered(trigger: BinTrigger, parcel: Parcel, rejected: readonly Rejected[]): void {
  const refused = new Set(rejected.map(({ index }) => index))
  let index = 0
  for (const batch of parcel.batches()) {
    const { columns, rows, count } = pick(batch)
    const { numbers } = columns[0] as NumberColumn
    for (let at = 0; at < count; at++, index++) {
      if (!refused.has(index)) trigger.add(numbers[rows[at] as number] as number)
    }
  }
  trigger.stored()
}
