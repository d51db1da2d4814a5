// A plan says, for one template and what is known of its exporter, which steps fill the columns of the wanted fields.
// It is made once; running it costs a call a field and data set, and a few instructions a row.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import type { Form } from '../../fields/batch.ts'
import type { Column } from '../../fields/column.ts'
import { allFields, fieldsOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Step } from './block.ts'
import type { Columns } from './columns.ts'
import type { Forms } from './forms.ts'
import { MAKERS } from './makers.ts'
import type { FlowDecoderOptions } from './options.ts'
import { Planner } from './planner.ts'
import { makeSplit, SPLIT_FIELDS, type Split, swapClosure } from './split.ts'
import type { Template } from './template.ts'
import { makeUnknown } from './unknown.ts'

export interface Plan {
  readonly form: Form
  /** In the order of form.fields. */
  readonly columns: readonly Column[]
  readonly steps: readonly Step[]
  /** Makes the second records of biflows, where the template has the reverse direction. */
  readonly split: Split | undefined
}

export class Plans {
  readonly #options: FlowDecoderOptions
  readonly #columns: Columns
  readonly #host: Host
  readonly #wanted: ReadonlySet<string>
  readonly #forms: Forms

  constructor(options: FlowDecoderOptions, columns: Columns, forms: Forms, wanted: Needs, host: Host) {
    this.#forms = forms
    this.#host = host
    this.#options = options
    this.#columns = columns
    const named = wanted.fields.flatMap(word => fieldsOf(word))
    this.#wanted = new Set((wanted.rest ? [...allFields(), ...named] : named).map(field => field.name))
  }

  /** The plan of a template, made when it is needed first. */
  of(template: Template, environment: number): Plan {
    if (template.plan && template.environment === environment) return template.plan
    template.plans ??= new Map()
    let plan = template.plans.get(environment)
    if (!plan) {
      plan = this.#make(template, environment)
      template.plans.set(environment, plan)
    }
    template.plan = plan
    template.environment = environment
    return plan
  }

  #make(template: Template, environment: number): Plan {
    const planner = this.#planner(template, environment)
    const split = this.#options.biflow === 'split' && planner.hasReverse
    const wanted = split ? swapClosure(this.#wanted) : this.#wanted
    const fields: Field[] = []
    // Sampling comes before the counters that it multiplies: makers ask for what they need, so the dictionary's order is free.
    for (const field of allFields()) {
      if (!wanted.has(field.name) || !planner.make(field)) continue
      if (this.#wanted.has(field.name) && !(split && SPLIT_FIELDS.has(field.name))) fields.push(field)
    }
    if (this.#options.unknown && this.#wanted.has('unknown')) {
      const unknown = makeUnknown(planner, this.#used(template, environment))
      if (unknown) fields.push(unknown)
    }
    return {
      form: this.#forms.of(fields),
      columns: fields.map(field => this.#columns.of(field)),
      steps: planner.steps,
      split: split ? makeSplit(planner) : undefined,
    }
  }

  #planner(template: Template, environment: number): Planner {
    const count = (name: string, by: number): void => this.#host.count(name, by)
    return new Planner(template, environment, this.#options, this.#columns, MAKERS, count)
  }

  /** Which fields of the template any field of the dictionary would use. */
  #used(template: Template, environment: number): ReadonlySet<number> {
    const planner = this.#planner(template, environment)
    for (const field of allFields()) planner.make(field)
    return planner.used
  }
}
