// Flows in an SRv6 tunnel as pmacct writes them: the customer's packet in ip_src and so on, the tunnel's in tunnel_*.
import type { Column } from '../../fields/column.ts'
import { allFields } from '../../fields/dictionary.ts'
import type { Resolver } from './resolver.ts'
import { isInTunnel, tunnelColumns } from './subject.ts'

/** Fields that have an inner one. */
const pairs = () => allFields().flatMap(({ name, inner }) => (inner === undefined ? [] : [[name, inner] as const]))

export function innerFirstResolver(): Resolver {
  const swapped = pairs()
  const names = swapped.flat()
  return {
    reads: names,
    fills: names,
    bind(placeOf) {
      const places = swapped.map(([outer, inner]) => [placeOf(outer), placeOf(inner)] as const)
      return (columns, rows, from, to) => {
        const tunnel = tunnelColumns(columns, placeOf)
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          if (!isInTunnel(tunnel, row)) continue
          for (const [outer, inner] of places) swap(columns[outer] as Column, columns[inner] as Column, row)
        }
      }
    },
  }
}

function swap(a: Column, b: Column, row: number): void {
  if (a.lane === 'number' && b.lane === 'number') {
    swapEntries(a.numbers, b.numbers, row)
    swapOther(a.other, b.other, row)
  } else if (a.lane === 'address' && b.lane === 'address') {
    swapEntries(a.family, b.family, row)
    for (let word = 4 * row; word < 4 * row + 4; word++) swapEntries(a.words, b.words, word)
    swapOther(a.other, b.other, row)
  } else if (a.lane === 'value' && b.lane === 'value') {
    const value = a.values[row]
    a.values[row] = b.values[row]
    b.values[row] = value
  }
}

function swapEntries(a: { [at: number]: number }, b: { [at: number]: number }, at: number): void {
  const value = a[at] as number
  a[at] = b[at] as number
  b[at] = value
}

function swapOther<Value>(a: Map<number, Value>, b: Map<number, Value>, row: number): void {
  if (a.size === 0 && b.size === 0) return
  const [ofA, ofB] = [a.get(row), b.get(row)]
  a.delete(row)
  b.delete(row)
  if (ofB !== undefined) a.set(row, ofB)
  if (ofA !== undefined) b.set(row, ofA)
}
