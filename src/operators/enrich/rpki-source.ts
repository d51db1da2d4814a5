// RPKI data beside the flows. Of a stream the first whole set is taken before the first flow, whatever its time; from then on
// changes are as of the time of the flow. A validator's file counts as it is, and is read again when it changes.
import type { Host, Reading } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { NetRecord, Stream } from '../../contract/record.ts'
import type { RpkiSet } from '../../lookup/rpki-set.ts'
import { RpkiTable } from '../../wire/rpki/rpki-table.ts'
import { RecordTable, Side } from './side.ts'

/** A set that was read, and how to read it again. */
export interface RpkiFileSource {
  readonly set: RpkiSet
  readonly read: () => Promise<RpkiSet | Problem>
}

export type RpkiInput = { readonly stream: Stream } | { readonly file: RpkiFileSource }

export class RpkiSource extends RecordTable {
  readonly table = new RpkiTable()
  /** Of a stream. */
  readonly side: Side | undefined
  readonly #file: RpkiFileSource | undefined
  readonly #count: (name: string) => void

  constructor(input: RpkiInput, count: (name: string) => void) {
    super()
    this.#count = count
    if ('stream' in input) this.side = new Side(input.stream, this)
    else {
      this.#file = input.file
      this.table.replace(input.file.set)
    }
  }

  async reload(host: Host): Promise<void> {
    const set = await this.#file?.read()
    if (!set) return
    if (isProblem(set)) {
      host.count('maps/refused')
      host.report({ ...set, hint: 'what was read before stays in force' })
    } else {
      this.table.replace(set as RpkiSet)
      host.count('maps/reloaded')
    }
  }

  override isDump(): boolean {
    return !this.table.isComplete
  }

  apply(record: NetRecord): void {
    this.#count(this.table.take(record) ?? 'merged')
  }

  isComplete(): boolean {
    return this.table.isComplete
  }

  readings(): Reading[] {
    const { roas, aspas } = this.table.set
    return [
      { name: 'table_roas', value: roas.size },
      { name: 'table_aspas', value: aspas.size },
    ]
  }
}
