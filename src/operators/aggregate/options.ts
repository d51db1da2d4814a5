// What a user asks of aggregate, resolved to fields.
import { isProblem, type Problem } from '../../contract/problem.ts'
import { BOTH_ENDS } from '../../fields/both-ends.ts'
import { fieldOf, fieldsOf, knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { TYPES } from '../../fields/types.ts'
import type { Alignment } from './bins.ts'
import { type OtherEnds, otherEndsOf } from './both-ends.ts'
import type { ListedKeys } from './buckets.ts'
import type { Combine, SumField } from './kernel.ts'
import type { Counters } from './limits.ts'

/** Which time puts a record into its bin. */
export type BinTime = 'start' | 'end' | 'arrival'
/** What happens to a record whose bin was written already. */
export type LatePolicy = 'add' | 'drop'

export interface AggregateOptions {
  readonly keys: readonly Field[]
  readonly sums: readonly SumField[]
  /** Fields whose different values are counted, and the field the count goes to. */
  readonly distinct: readonly { readonly field: Field; readonly output: Field }[]
  /** What is exchanged when each record is entered a second time, for sum_host and its like; undefined: entered once. */
  readonly otherEnds?: OtherEnds | undefined
  readonly bin?:
    | { readonly length: string; readonly align?: Alignment | undefined; readonly offsetSeconds: number }
    | undefined
  readonly binTime: BinTime
  readonly graceSeconds: number
  readonly late: LatePolicy
  readonly spread: boolean
  readonly stitch: boolean
  readonly refreshSeconds?: number | undefined
  readonly top?: number | undefined
  readonly topBy: string
  readonly limits?: ((counters: Counters) => boolean) | undefined
  readonly markers: boolean
  readonly maxKeys: number
  /** The last sums are for ourselves: they are not written. The first of them, where there are any, orders the entries. */
  readonly hiddenSums?: number | undefined
  /** Lists of key values that are kept apart. */
  readonly lists?: readonly ListedKeys[] | undefined
}

export interface Wish {
  readonly by: readonly string[]
  readonly key?: readonly string[]
  readonly sum?: readonly string[]
  readonly min?: readonly string[]
  readonly max?: readonly string[]
  readonly or?: readonly string[]
  readonly count?: boolean
  readonly distinct?: readonly string[]
  readonly stitch?: boolean
}

/** What pmacct always counts, and what it merges by OR. */
const DEFAULT_SUMS = ['packets', 'bytes', 'flows']

const derived = (name: string, from: Field): Field =>
  knownField(name) ?? { name, type: from.type, role: from.role, summary: from.summary }

/** The lane of numbers is what can be summed; a field of unknown name is taken for a counter. */
function numeric(word: string): Field | Problem {
  const field = fieldOf(word)
  if (field.type.lane === 'number' && !['mac', 'protocol', 'etype', 'direction'].includes(field.type.name)) return field
  if (field.type.name === 'any') return { ...field, type: TYPES.counter }
  return {
    code: 'usage/not-a-number',
    message: `${field.name} is ${field.type.name}: it cannot be summed or compared`,
    hint: 'use it in --by, or --distinct to count its values',
  }
}

function combined(
  words: readonly string[],
  combine: Combine,
  outputName: (name: string) => string,
): SumField[] | Problem {
  const sums: SumField[] = []
  for (const word of words) {
    const field = numeric(word)
    if (isProblem(field)) return field
    sums.push({ field, combine, output: derived(outputName(field.name), field) })
  }
  return sums
}

/** Stitching: earliest start and latest end of the flows of a key, as pmacct's timestamp_min and timestamp_max. */
const STITCHED: readonly SumField[] = [
  { field: fieldOf('timestamp_start'), combine: 'min', output: fieldOf('timestamp_min') },
  { field: fieldOf('timestamp_end'), combine: 'max', output: fieldOf('timestamp_max') },
]

const COUNT: SumField = {
  field: undefined,
  combine: 'count',
  output: { name: 'records', type: TYPES.counter, role: 'sum', unit: 'records', summary: 'records in the sum' },
}

/** sum_host and its like say how keys are made. */
function asNoKey({ sum = [], min = [], max = [], or = [], distinct = [] }: Wish): Problem | undefined {
  const word = [...sum, ...min, ...max, ...or, ...distinct].find(name => BOTH_ENDS[name])
  if (word === undefined) return undefined
  return {
    code: 'usage/key-of-both-ends',
    message: `${word} is a key for both ends of a record: it cannot be summed, compared or counted`,
    hint: `put it into --by, or name one end: ${BOTH_ENDS[word]?.[0]?.join(' or ')}`,
  }
}

/** Keys and sums of a wish. Fields that pmacct adds up or ORs are no keys even when they stand in --by. */
export function resolve(wish: Wish): Pick<AggregateOptions, 'keys' | 'sums' | 'distinct' | 'otherEnds'> | Problem {
  const misplaced = asNoKey(wish)
  if (misplaced) return misplaced
  const by = wish.by.flatMap(fieldsOf)
  const keys = [
    ...by.filter(field => field.role !== 'sum' && field.role !== 'or'),
    ...(wish.key ?? []).flatMap(fieldsOf),
  ]
  const summed = by.filter(field => field.role === 'sum').map(field => field.name)
  const ored = by.filter(field => field.role === 'or').map(field => field.name)
  const groups = [
    combined([...new Set([...(wish.sum ?? DEFAULT_SUMS), ...summed])], 'sum', name => name),
    combined([...new Set([...(wish.or ?? []), ...ored])], 'or', name => name),
    combined(wish.min ?? [], 'min', name => (name.endsWith('_min') ? name : `${name}_min`)),
    combined(wish.max ?? [], 'max', name => (name.endsWith('_max') ? name : `${name}_max`)),
  ]
  const sums: SumField[] = []
  for (const group of groups) {
    if (isProblem(group)) return group
    sums.push(...group)
  }
  if (wish.stitch) sums.push(...STITCHED)
  if (wish.count) sums.push(COUNT)
  const distinct = (wish.distinct ?? []).flatMap(fieldsOf).map(field => ({
    field,
    output: {
      name: `${field.name}_distinct`,
      type: TYPES.counter,
      role: 'key' as const,
      summary: `different values of ${field.name}`,
    },
  }))
  const order = new Map<string, Field>()
  for (const key of keys) order.set(key.name, key)
  const otherEnds = otherEndsOf([...wish.by, ...(wish.key ?? [])])
  return { keys: [...order.values()], sums, distinct, otherEnds }
}
