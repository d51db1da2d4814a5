// Names in records that no element of a record says: options say them, by the number beside them.
import { type Column, isAbsent } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'
import type { Left } from './options.ts'
import type { OptionsData } from './options-data.ts'

/** The field with the number, the field with the name, how options say it. */
const NAMES = [
  ['iface_in', 'iface_name_in', 'interfaceName'],
  ['iface_out', 'iface_name_out', 'interfaceName'],
  ['vrf_id_ingress', 'ingress_vrf_name', 'vrfName'],
  ['vrf_id_egress', 'egress_vrf_name', 'vrfName'],
] as const

export class NamesOfRecords {
  readonly fields: readonly Field[] = NAMES.map(([, name]) => fieldOf(name))
  readonly #options: OptionsData
  readonly #from: number
  readonly #numbers: readonly number[]

  /** Columns of `fields` stand from `from` on; `place`: where a field's column stands. */
  constructor(from: number, place: (name: string) => number, options: OptionsData) {
    this.#from = from
    this.#options = options
    this.#numbers = NAMES.map(([number]) => place(number))
  }

  see(columns: readonly Column[], row: number, left: Left): void {
    for (let index = 0; index < NAMES.length; index++) {
      const column = columns[this.#from + index] as Column
      if (isAbsent(column, row)) continue
      const [, field, say] = NAMES[index] as (typeof NAMES)[number]
      const name = column.lane === 'value' ? column.values[row] : undefined
      const numbers = columns[this.#numbers[index] as number] as Column
      const number = numbers.lane === 'number' ? (numbers.numbers[row] as number) : Number.NaN
      const isSaid = typeof name === 'string' && number >= 0 && number < 2 ** 32 && this.#options[say](number, name)
      if (!isSaid) left(field)
    }
  }
}
