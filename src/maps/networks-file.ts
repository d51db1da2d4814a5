// networks_file: `[nexthop,][[peerAS_]originAS,]prefix/len` a line; the longest prefix that holds an address answers. As CSV
// or YAML: prefix, origin_as, peer_as, nexthop.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type Prefix, parsePrefix } from '../lookup/prefix.ts'
import { PrefixTree } from '../lookup/prefix-tree.ts'
import { type MapRow, type MapText, mapLines, placeOf, readEach } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type Place, type RowProblem } from './row-problem.ts'
import { parseAddress, parseAs } from './set-value.ts'

export interface Network {
  readonly line: number
  readonly prefix: Prefix
  /** 0 = not said. */
  readonly originAs: number
  readonly peerAs: number
  /** Canonical text. */
  readonly nextHop: string | undefined
}

/** The networks of a file by longest prefix. Look-ups give a place among `networks`, -1 = none. */
export class NetworksTable {
  readonly file: string
  readonly networks: readonly Network[]
  readonly #tree = new PrefixTree(Number.MAX_SAFE_INTEGER)

  constructor(file: string, networks: readonly Network[]) {
    this.file = file
    this.networks = networks
    networks.forEach(({ prefix }, place) => {
      this.#tree.insert(prefix, place)
    })
  }

  get size(): number {
    return this.networks.length
  }

  lookup4(address: number): number {
    return this.#tree.lookup4(address)
  }

  lookup6(a: number, b: number, c: number, d: number): number {
    return this.#tree.lookup6(a, b, c, d)
  }

  /** The network of an address as text. */
  find(address: string): Network | undefined {
    const prefix = parsePrefix(address)
    if (!prefix) return undefined
    const [a, b, c, d] = prefix.words
    return this.networks[prefix.family === 4 ? this.lookup4(a) : this.lookup6(a, b, c, d)]
  }
}

interface Words {
  readonly prefix: string
  readonly originAs?: string | undefined
  readonly peerAs?: string | undefined
  readonly nextHop?: string | undefined
}

const EXAMPLE = 'lines [NEXTHOP,][[PEERAS_]ORIGINAS,]PREFIX/LENGTH, like 64496_64511,198.51.100.0/24'

function network(file: string, place: Place, words: Words): Network | RowProblem {
  const prefix = parsePrefix(words.prefix)
  if (!prefix) return badRow(file, place, `"${words.prefix}" is not an IP address or prefix`, EXAMPLE)
  const originAs = parseAs(words.originAs ?? '0')
  const peerAs = parseAs(words.peerAs ?? '0')
  if (originAs === undefined) return badRow(file, place, `"${words.originAs}" is not an AS`, EXAMPLE)
  if (peerAs === undefined) return badRow(file, place, `"${words.peerAs}" is not an AS`, EXAMPLE)
  const nextHop = words.nextHop === undefined ? undefined : parseAddress(words.nextHop)
  if (words.nextHop !== undefined && nextHop === undefined)
    return badRow(file, place, `"${words.nextHop}" is not an IP address`, EXAMPLE)
  return { line: place.line, prefix, originAs, peerAs, nextHop }
}

function networkOfLine(file: string, line: number, text: string): Network | RowProblem {
  const place = { line, column: 1, text: text.trim() }
  const cells = text.trim().split(/\s*,\s*/)
  if (cells.length > 3) return badRow(file, place, `${cells.length} values`, EXAMPLE)
  const [prefix = '', asWords, nextHop] = cells.reverse()
  if (asWords === undefined) return network(file, place, { prefix })
  const [originAs, peerAs] = asWords.split('_', 2).reverse()
  return network(file, place, { prefix, originAs, peerAs, nextHop })
}

const KEYS = ['prefix', 'origin_as', 'peer_as', 'nexthop']

function networkOfRow(file: string, row: MapRow): Network | RowProblem {
  const unknown = row.tokens.find(({ key }) => !KEYS.includes(key))
  if (unknown)
    return badRow(file, placeOf(row, unknown), `no such key: "${unknown.key}"`, `keys are ${KEYS.join(', ')}`)
  const words = new Map(row.tokens.map(({ key, value }) => [key, value]))
  const place = { line: row.line, text: row.text }
  return network(file, place, {
    prefix: words.get('prefix') ?? '',
    originAs: words.get('origin_as'),
    peerAs: words.get('peer_as'),
    nextHop: words.get('nexthop'),
  })
}

export function parseNetworksFile(text: MapText, file: string, bad?: RowProblem[]): NetworksTable | Problem {
  const networks =
    typeof text === 'string'
      ? readEach(mapLines(text), row => networkOfLine(file, row.line, row.text), bad)
      : readEach(text, row => networkOfRow(file, row), bad)
  return isProblem(networks) ? networks : new NetworksTable(file, networks)
}

export function readNetworksFile(path: string): Promise<NetworksTable | Problem> {
  return readMap(path, parseNetworksFile)
}
