// `--igp`: next hop, cost and egress router of flows. The way is that to the BGP next hop where a route gave one, else to the
// destination itself, whose egress router then stands in peer_ip_dst.
import { type AddressColumn, NO_ADDRESS, type NumberColumn, type ValueColumn } from '../../fields/column.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import type { IgpPath, IgpPaths } from './igp-paths.ts'
import type { Matches } from './matches.ts'
import { METHOD } from './methods.ts'
import type { Resolver } from './resolver.ts'
import { readAddress } from './route-info.ts'

const EXPORTER = 'peer_ip_src'
const BGP_NEXT_HOP = 'peer_ip_dst'
const FILLS = ['igp_next_hop', 'igp_metric', 'igp_egress'] as const

/** Texts of addresses of a column; neighbouring flows mostly have the same exporter. */
class AddressTexts {
  readonly #last = new Uint32Array(4)
  #family = -1
  #text: string | undefined

  of({ words, family }: AddressColumn, row: number): string | undefined {
    const at = 4 * row
    const kind = family[row] as number
    const used = kind === 4 ? 1 : 4
    let isSame = kind === this.#family
    for (let word = 0; isSame && word < used; word++) isSame = this.#last[word] === words[at + word]
    if (isSame) return this.#text
    this.#family = kind
    this.#last.set(words.subarray(at, at + 4))
    const [a, b, c, d] = this.#last as unknown as [number, number, number, number]
    this.#text = kind === 4 ? dotted(a) : kind === 6 ? ipv6Text(a, b, c, d) : undefined
    return this.#text
  }
}

export function igpPathResolver(sources: readonly IgpPaths[], dst: Matches): Resolver {
  const scratch = new Uint32Array(4)
  const texts = new AddressTexts()
  const fill = (column: AddressColumn, row: number, address: string | undefined) => {
    column.family[row] = address === undefined ? NO_ADDRESS : readAddress(address, scratch)
    if (address !== undefined) column.words.set(scratch, 4 * row)
  }
  return {
    reads: [EXPORTER, BGP_NEXT_HOP],
    fills: [BGP_NEXT_HOP, ...FILLS],
    bind(placeOf) {
      const places = [EXPORTER, BGP_NEXT_HOP, ...FILLS].map(placeOf)
      return (columns, rows, from, to) => {
        const [exporter, nextHop, igpNextHop] = places.map(place => columns[place]) as AddressColumn[]
        const { numbers: metrics } = columns[places[3] as number] as NumberColumn
        const { values: egresses } = columns[places[4] as number] as ValueColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          const isOfIgp = dst.netMethod[row] === METHOD.igp
          const target = isOfIgp || nextHop?.family[row] === NO_ADDRESS ? dst : (nextHop as AddressColumn)
          const path = find(sources, texts.of(exporter as AddressColumn, row), target, row)
          if (!path) continue
          const { egress, metric } = path
          fill(igpNextHop as AddressColumn, row, path.nextHop)
          if (metric !== undefined) metrics[row] = metric
          egresses[row] = egress.name ?? egress.id
          if (!isOfIgp) continue
          const [own, other] = [egress.routerId4, egress.routerId6]
          fill(nextHop as AddressColumn, row, dst.family[row] === 6 ? (other ?? own) : (own ?? other))
        }
      }
    },
  }
}

function find(
  sources: readonly IgpPaths[],
  exporter: string | undefined,
  { words, family }: { readonly words: Uint32Array; readonly family: Uint8Array },
  row: number,
): IgpPath | undefined {
  for (const source of sources) {
    const path = source.find(exporter, family[row] as number, words, 4 * row)
    if (path) return path
  }
  return undefined
}
