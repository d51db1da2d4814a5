// Attributes of the routes to both ends, as fields.
import type { Value } from '../../contract/record.ts'
import { ABSENT, type Column } from '../../fields/column.ts'
import type { BothMatches, End } from './matches.ts'
import type { Resolver } from './resolver.ts'
import type { RouteInfo } from './route-info.ts'

interface Attribute {
  /** Of the destination, of the source. */
  readonly dst: string
  readonly src: string
  readonly value: (info: RouteInfo) => Value | undefined
}

/** A new attribute is one row. */
export const ATTRIBUTES: readonly Attribute[] = [
  { dst: 'comms', src: 'comms_src', value: info => info.comms },
  { dst: 'ecomms', src: 'ecomms_src', value: info => info.ecomms },
  { dst: 'lcomms', src: 'lcomms_src', value: info => info.lcomms },
  { dst: 'as_path', src: 'as_path_src', value: info => info.asPath },
  { dst: 'local_pref', src: 'local_pref_src', value: info => info.localPref },
  { dst: 'med', src: 'med_src', value: info => info.med },
  { dst: 'blackhole', src: 'blackhole_src', value: info => (info.isBlackhole ? 1 : undefined) },
]

/** The attributes of one end whose fields are wanted. */
export function attributeResolver(matches: BothMatches, end: End, isWanted: (field: string) => boolean): Resolver {
  const wanted = ATTRIBUTES.filter(attribute => isWanted(attribute[end]))
  const { info } = matches[end]
  return {
    reads: [],
    fills: wanted.map(attribute => attribute[end]),
    bind(placeOf) {
      const places = wanted.map(attribute => placeOf(attribute[end]))
      return (columns, rows, from, to) => {
        wanted.forEach(({ value }, at) => {
          put(columns[places[at] as number] as Column, rows, from, to, info, value)
        })
      }
    },
  }
}

function put(
  column: Column,
  rows: Int32Array,
  from: number,
  to: number,
  info: readonly (RouteInfo | undefined)[],
  value: Attribute['value'],
): void {
  for (let index = from; index < to; index++) {
    const row = rows[index] as number
    const of = info[row]
    const found = of && value(of)
    if (column.lane === 'value') column.values[row] = found
    else if (column.lane === 'number') column.numbers[row] = typeof found === 'number' ? found : ABSENT
  }
}
