// AS, prefix, peer AS and next hop of both ends, each from the source that the policy chooses.
import type { AddressColumn, Column, NumberColumn } from '../../fields/column.ts'
import { ABSENT } from '../../fields/column.ts'
import { maskWord } from '../../lookup/prefix.ts'
import type { Network, NetworksTable } from '../../maps/networks-file.ts'
import { type BothMatches, ENDS, type End, type Matches } from './matches.ts'
import { METHOD, type Method, type Policy, winner } from './methods.ts'
import type { Reloaded } from './reloaded.ts'
import type { Resolver } from './resolver.ts'
import { readAddress } from './route-info.ts'

export interface OriginOptions {
  readonly as: Policy
  readonly net: Policy
  readonly matches: BothMatches
  readonly networks: Reloaded<NetworksTable> | undefined
  /** Of networks_mask, 0 = none. */
  readonly mask: number
  /** A network of the file wins whatever its length. */
  readonly fileFirst: boolean
  /** An address without prefix, or under the default route, stays whole as the net. */
  readonly hostWithoutNet: boolean
  readonly isWanted: (field: string) => boolean
}

interface EndColumns {
  readonly as: NumberColumn | undefined
  readonly mask: NumberColumn | undefined
  readonly net: AddressColumn | undefined
  readonly peerAs: NumberColumn | undefined
  readonly nextHop: AddressColumn | undefined
}

/** Fields that the policies fill. The peer AS of the source has a resolver of its own. */
const NAMES: { readonly [end in End]: { readonly [name in keyof EndColumns]: string | undefined } } = {
  src: { as: 'as_src', mask: 'mask_src', net: 'net_src', peerAs: undefined, nextHop: undefined },
  dst: { as: 'as_dst', mask: 'mask_dst', net: 'net_dst', peerAs: 'peer_as_dst', nextHop: 'peer_ip_dst' },
}
const KEYS = ['as', 'peerAs', 'net', 'mask', 'nextHop'] as const

export function originResolver(options: OriginOptions): Resolver {
  const isChosen = { as: !isNetflow(options.as), net: !isNetflow(options.net) }
  const filled = (end: End): [keyof EndColumns, string][] =>
    KEYS.flatMap(key => {
      const name = NAMES[end][key]
      const policy = key === 'as' || key === 'peerAs' ? isChosen.as : isChosen.net
      return name !== undefined && policy && options.isWanted(name) ? [[key, name] as [keyof EndColumns, string]] : []
    })
  const fills = { src: filled('src'), dst: filled('dst') }
  const names = [...fills.src, ...fills.dst].map(([, name]) => name)
  const reads = [...new Set([...names, 'mask_src', 'mask_dst', 'as_src', 'as_dst'])]
  return {
    reads,
    fills: names,
    bind(placeOf) {
      const choosers = ENDS.map(end => {
        const at = fills[end].map(([key, name]) => [key, placeOf(name)] as const)
        return new Chooser(options, options.matches[end], at, placeOf(`as_${end}`), placeOf(`mask_${end}`))
      })
      return (columns, rows, from, to) => {
        for (const chooser of choosers) {
          chooser.open(columns)
          for (let index = from; index < to; index++) chooser.row(rows[index] as number)
        }
      }
    },
  }
}

const isNetflow = ({ methods }: Policy): boolean => methods.every(method => method === METHOD.netflow)

const isRoutesOnly = ({ methods }: Policy): boolean => methods.every(method => method === METHOD.routes)

class Chooser {
  readonly #options: OriginOptions
  readonly #match: Matches
  readonly #asLengths: number[] = [-1, -1, -1, -1, -1, -1]
  readonly #netLengths: number[] = [-1, -1, -1, -1, -1, -1]
  readonly #scratch = new Uint32Array(4)
  readonly #places: readonly (readonly [key: keyof EndColumns, place: number])[]
  readonly #asPlace: number
  readonly #maskPlace: number
  readonly #onlyRoutes: boolean
  /** What is filled; what is not wanted is undefined. */
  readonly #at: EndColumns = { as: undefined, mask: undefined, net: undefined, peerAs: undefined, nextHop: undefined }
  #as!: NumberColumn
  #mask!: NumberColumn

  constructor(
    options: OriginOptions,
    match: Matches,
    places: readonly (readonly [key: keyof EndColumns, place: number])[],
    asPlace: number,
    maskPlace: number,
  ) {
    this.#options = options
    this.#match = match
    this.#places = places
    this.#asPlace = asPlace
    this.#maskPlace = maskPlace
    this.#onlyRoutes = [options.as, options.net].every(isRoutesOnly)
  }

  open(columns: readonly Column[]): void {
    const at = this.#at as unknown as { [key: string]: Column | undefined }
    for (const [key, place] of this.#places) at[key] = columns[place]
    this.#as = columns[this.#asPlace] as NumberColumn
    this.#mask = columns[this.#maskPlace] as NumberColumn
  }

  row(row: number): void {
    if (this.#onlyRoutes) {
      const method = this.#match.info[row] ? METHOD.routes : METHOD.none
      this.#netLengths[METHOD.routes] = this.#match.length[row] as number
      this.#fill(row, method, method, undefined)
      return
    }
    const { networks, as: asPolicy, net: netPolicy } = this.#options
    const network = networks?.table.networks[this.#match.network[row] as number]
    this.#setLengths(row, network)
    const asMethod = winner(asPolicy, this.#asLengths)
    const netMethod = winner(netPolicy, this.#netLengths)
    this.#fill(row, asMethod, netMethod, network)
  }

  #fill(row: number, asMethod: Method, netMethod: Method, network: Network | undefined): void {
    const { as, peerAs, net, mask, nextHop } = this.#at
    this.#match.asMethod[row] = asMethod
    this.#match.netMethod[row] = netMethod
    if (as || peerAs) this.#fillAs(row, asMethod, network)
    if (net || mask || nextHop) this.#fillNet(row, netMethod, network)
  }

  #setLengths(row: number, network: Network | undefined): void {
    const { mask, fileFirst } = this.#options
    const match = this.#match
    const own = this.#mask.numbers[row] as number
    const ownAs = this.#as.numbers[row] as number
    const file = network ? (fileFirst ? 129 : network.prefix.length) : -1
    const route = match.info[row] ? (match.length[row] as number) : -1
    const nets = this.#netLengths
    nets[METHOD.file] = file
    nets[METHOD.netflow] = own > 0 ? own : -1
    nets[METHOD.mask] = mask > 0 && match.family[row] !== 0 ? mask : -1
    nets[METHOD.igp] = match.igpLength[row] as number
    nets[METHOD.routes] = route
    const ases = this.#asLengths
    ases[METHOD.file] = network && network.originAs > 0 ? file : -1
    // Without a mask it is NaN, which is no length.
    ases[METHOD.netflow] = ownAs > 0 ? own || 0 : -1
    ases[METHOD.routes] = route
  }

  #fillAs(row: number, method: number, network: Network | undefined): void {
    if (method === METHOD.netflow) return
    const info = method === METHOD.routes ? this.#match.info[row] : undefined
    const file = method === METHOD.file ? network : undefined
    const { as, peerAs } = this.#at
    if (as) as.numbers[row] = info?.originAs || file?.originAs || ABSENT
    if (peerAs) peerAs.numbers[row] = info?.firstAs || file?.peerAs || ABSENT
  }

  #fillNet(row: number, method: number, network: Network | undefined): void {
    const { mask, net, nextHop } = this.#at
    if (method !== METHOD.netflow) {
      const length = method === METHOD.file ? (network?.prefix.length ?? 0) : (this.#netLengths[method] as number)
      const isKnown = method !== METHOD.none
      if (mask) mask.numbers[row] = isKnown ? length : ABSENT
      if (net) this.#setNet(net, row, isKnown, length)
    }
    if (!nextHop || method === METHOD.netflow) return
    const info = method === METHOD.routes ? this.#match.info[row] : undefined
    nextHop.family[row] = info?.nextHop.family ?? 0
    if (info) nextHop.words.set(info.nextHop.words, 4 * row)
    else if (method === METHOD.file && network?.nextHop !== undefined) {
      nextHop.family[row] = readAddress(network.nextHop, this.#scratch)
      nextHop.words.set(this.#scratch, 4 * row)
    }
  }

  #setNet(net: AddressColumn, row: number, isKnown: boolean, length: number): void {
    const { words, family } = this.#match
    const whole = this.#options.hostWithoutNet && (!isKnown || length === 0)
    net.family[row] = isKnown || whole ? (family[row] as number) : 0
    if (net.family[row] === 0) return
    const bits = whole ? 128 : length
    const at = 4 * row
    net.words[at] = maskWord(words[at] as number, bits)
    if (family[row] !== 6) return
    for (let word = 1; word < 4; word++) net.words[at + word] = maskWord(words[at + word] as number, bits - 32 * word)
  }
}
