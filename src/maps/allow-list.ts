// Allow files: an address or a prefix a line. What is not listed is denied, so an empty file denies all.
import { isProblem, type Problem } from '../contract/problem.ts'
import { type Prefix, parsePrefix } from '../lookup/prefix.ts'
import { PrefixTree } from '../lookup/prefix-tree.ts'
import { type MapRow, type MapText, mapLines, placeOf, readEach } from './grammar.ts'
import { readMap } from './read-map.ts'
import { badRow, type Place, type RowProblem } from './row-problem.ts'

export class AllowList {
  readonly file: string
  #tree = new PrefixTree()

  constructor(file: string, prefixes: readonly Prefix[]) {
    this.file = file
    for (const prefix of prefixes) this.#tree.insert(prefix, 0)
  }

  get size(): number {
    return this.#tree.size
  }

  /** Whether an address in four words from words[at] is listed; of IPv4 only the first counts. */
  allows(family: 4 | 6, words: ArrayLike<number>, at = 0): boolean {
    const word = (index: number) => words[at + index] ?? 0
    if (family === 4) return this.#tree.lookup4(word(0)) >= 0
    if (word(0) === 0 && word(1) === 0 && word(2) === 0xffff && this.#tree.lookup4(word(3)) >= 0) return true
    return this.#tree.lookup6(word(0), word(1), word(2), word(3)) >= 0
  }

  /** The same for an address as text, `::ffff:192.0.2.1` of a socket too; no address is not allowed. */
  allowsText(address: string): boolean {
    const prefix = parsePrefix(address.split('%', 1)[0] as string)
    return prefix !== undefined && this.allows(prefix.family, prefix.words)
  }
}

const EXAMPLE = 'an address or prefix a line, like 192.0.2.0/24'

/** The one value of a row of CSV or YAML. */
function prefixOfRow(file: string, row: MapRow): Prefix | RowProblem {
  const [token, extra] = row.tokens
  if (!token) return badRow(file, { line: row.line, text: row.text }, 'the row is empty', EXAMPLE)
  if (extra) return badRow(file, placeOf(row, extra), `no such key: "${extra.key}"`, EXAMPLE)
  return prefixOf(file, { ...placeOf(row, token) }, token.value)
}

function prefixOf(file: string, place: Place, text: string): Prefix | RowProblem {
  return parsePrefix(text) ?? badRow(file, place, `"${text}" is not an IP address or prefix`, EXAMPLE)
}

export function parseAllowList(text: MapText, file: string, bad?: RowProblem[]): AllowList | Problem {
  const prefixes =
    typeof text === 'string'
      ? readEach(mapLines(text), ({ line, text: row }) => prefixOf(file, { line, text: row.trim() }, row.trim()), bad)
      : readEach(text, row => prefixOfRow(file, row), bad)
  return isProblem(prefixes) ? prefixes : new AllowList(file, prefixes)
}

export function readAllowList(path: string): Promise<AllowList | Problem> {
  return readMap(path, parseAllowList)
}
