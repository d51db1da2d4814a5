// Forms: lists of fields, one object each. Batches of templates with different fields share a wider form, so that an exporter
// that sends IPv4 and IPv6 flows by turns does not make batches of a few records.
import type { Form } from '../../fields/batch.ts'
import { ABSENT, type Column, NO_ADDRESS } from '../../fields/column.ts'
import { allFields } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Columns } from './columns.ts'
import { FORMS } from './limits.ts'
import type { Plan } from './plan.ts'

/** How rows of a plan go into a batch of another form. */
export interface Widening {
  readonly form: Form
  readonly columns: readonly Column[]
  /** Columns that the rows in the batch do not have. */
  readonly fresh: readonly Column[]
  /** Columns that the rows of the plan do not have. */
  readonly missing: readonly Column[]
}

export class Forms {
  readonly #columns: Columns
  readonly #forms = new Map<string, Form>()
  readonly #widenings = new WeakMap<Plan, Map<Form, Widening>>()
  /** The widest form lately; used again where it fits, so that forms stay few. */
  #widest: Form = { fields: [] }

  constructor(columns: Columns) {
    this.#columns = columns
  }

  /** One object for one list of fields, so that what is compiled for a form is found again. */
  of(fields: readonly Field[]): Form {
    const key = fields.map(field => field.name).join(' ')
    let form = this.#forms.get(key)
    if (!form) {
      if (this.#forms.size >= FORMS) this.#forms.clear()
      form = { fields }
      this.#forms.set(key, form)
    }
    return form
  }

  widening(open: Form, plan: Plan): Widening {
    let known = this.#widenings.get(plan)
    if (!known) {
      known = new Map()
      this.#widenings.set(plan, known)
    }
    let widening = known.get(open)
    if (!widening) {
      if (known.size >= FORMS) known.clear()
      widening = this.#widen(open, plan)
      known.set(open, widening)
    }
    return widening
  }

  #widen(open: Form, plan: Plan): Widening {
    const needed = new Set([...open.fields, ...plan.form.fields])
    const fits = [...needed].every(field => this.#widest.fields.includes(field))
    // A form that serves is not made wider for the sake of the widest.
    const covers = plan.form.fields.every(field => open.fields.includes(field))
    const form = covers ? open : fits ? this.#widest : this.of(allFields().filter(field => needed.has(field)))
    if (!covers) this.#widest = form
    const without = (fields: readonly Field[]): Column[] =>
      form.fields.filter(field => !fields.includes(field)).map(field => this.#columns.of(field))
    return {
      form,
      columns: form.fields.map(field => this.#columns.of(field)),
      fresh: without(open.fields),
      missing: without(plan.form.fields),
    }
  }
}

/** Makes rows from..to-1 of these columns absent. */
export function makeAbsent(columns: readonly Column[], from: number, to: number): void {
  for (const column of columns) {
    if (column.lane === 'number') column.numbers.fill(ABSENT, from, to)
    else if (column.lane === 'address') column.family.fill(NO_ADDRESS, from, to)
    else column.values.fill(undefined, from, to)
  }
}
