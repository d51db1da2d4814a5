// AS fields of exporters that mean the neighbour (`ip flow-export ... peer-as`): they are peer ASes, and the origin is not known.
import { ABSENT, type NumberColumn } from '../../fields/column.ts'
import type { Resolver } from './resolver.ts'

const MOVES = [
  ['as_src', 'peer_as_src'],
  ['as_dst', 'peer_as_dst'],
] as const
const NAMES = MOVES.flat()

export const pduPeerAsResolver: Resolver = {
  reads: NAMES,
  fills: NAMES,
  bind(placeOf) {
    const places = MOVES.map(([from, to]) => [placeOf(from), placeOf(to)] as const)
    return (columns, rows, from, to) => {
      for (const [source, target] of places) {
        const { numbers: given } = columns[source] as NumberColumn
        const { numbers: moved } = columns[target] as NumberColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          moved[row] = given[row] as number
          given[row] = ABSENT
        }
      }
    }
  },
}
