// Look-ups in a networks file, and what its options do to addresses.
import type { Host } from '../../contract/host.ts'
import type { AddressColumn } from '../../fields/column.ts'
import { maskWord } from '../../lookup/prefix.ts'
import type { NetworksTable } from '../../maps/networks-file.ts'
import { type BothMatches, ENDS, type Matches } from './matches.ts'
import { type Readable, Reloaded } from './reloaded.ts'
import type { Resolver } from './resolver.ts'

/** `mask`: bits of an address that are looked up; 0 = all. */
export function networksResolver(networks: Reloaded<NetworksTable>, mask: number, matches: BothMatches): Resolver {
  return {
    reads: [],
    fills: [],
    bind: () => (_columns, rows, from, to) => {
      for (let index = from; index < to; index++) {
        const row = rows[index] as number
        for (const end of ENDS) matches[end].network[row] = look(networks.table, mask, matches[end], row)
      }
    },
    reload: async (host: Host) => {
      await networks.reload(host)
    },
  }
}

export const networksOf = (readable: Readable<NetworksTable>): Reloaded<NetworksTable> => new Reloaded(readable)

function look(table: NetworksTable, mask: number, { words, family }: Matches, row: number): number {
  const at = 4 * row
  const a = words[at] as number
  const bits = mask === 0 ? 128 : mask
  if (family[row] === 4) return table.lookup4(maskWord(a, bits))
  if (family[row] !== 6) return -1
  const word = (place: number) => maskWord(words[at + place] as number, bits - 32 * place)
  return table.lookup6(maskWord(a, bits), word(1), word(2), word(3))
}

/** Takes out the addresses that no network of the file holds (networks_file_filter). */
export function networksFilter({ src, dst }: BothMatches): Resolver {
  const ends = [
    ['ip_src', src],
    ['net_src', src],
    ['ip_dst', dst],
    ['net_dst', dst],
  ] as const
  const names = ends.map(([name]) => name)
  return {
    reads: names,
    fills: names,
    bind(placeOf) {
      const places = names.map(placeOf)
      return (columns, rows, from, to) => {
        ends.forEach(([, { network }], at) => {
          const { family } = columns[places[at] as number] as AddressColumn
          for (let index = from; index < to; index++) {
            const row = rows[index] as number
            if (network[row] === -1) family[row] = 0
          }
        })
      }
    },
  }
}
