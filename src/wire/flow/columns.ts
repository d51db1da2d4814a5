// The columns of a decoder: one a field, because one batch is open at a time, whatever its form.
import {
  type AddressColumn,
  type Column,
  makeColumn,
  type NumberColumn,
  type ValueColumn,
} from '../../fields/column.ts'
import { knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'

export class Columns {
  readonly #columns = new Map<string, Column>()

  /** `part` names a second column beside the field's own. */
  of(field: Field, part = ''): Column {
    const name = part === '' ? field.name : `${field.name}/${part}`
    let column = this.#columns.get(name)
    if (!column) {
      column = makeColumn(field)
      this.#columns.set(name, column)
    }
    return column
  }

  numbers(name: string, part = ''): NumberColumn {
    return this.of(knownField(name) as Field, part) as NumberColumn
  }
  addresses(name: string, part = ''): AddressColumn {
    return this.of(knownField(name) as Field, part) as AddressColumn
  }
  values(name: string, part = ''): ValueColumn {
    return this.of(knownField(name) as Field, part) as ValueColumn
  }
}
