// The prefixes that a map's rows name, each with a number, and which hold a record's address: the longest first.
import type { Column } from '../fields/column.ts'
import { type Prefix, prefixText } from '../lookup/prefix.ts'
import { PrefixTree } from '../lookup/prefix-tree.ts'
import type { AddressReader } from './slot.ts'

export class PrefixChains {
  #read: AddressReader
  #prefixes: Prefix[] = []
  #ids = new Map<string, number>()
  #tree = new PrefixTree()
  #parents = new Int32Array(0)
  #words = new Uint32Array(4)
  #last = new Uint32Array(4)
  #lastFamily = 0
  #lastId = -1

  constructor(read: AddressReader) {
    this.#read = read
  }

  /** The number of a prefix. */
  add(prefix: Prefix): number {
    const text = prefixText(prefix)
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = this.#prefixes.length
    this.#ids.set(text, id)
    this.#prefixes.push(prefix)
    return id
  }

  /** Makes the prefixes ready to be looked up; none may be added afterwards. */
  link(): void {
    this.#parents = new Int32Array(this.#prefixes.length)
    const shortestFirst = this.#prefixes.map((_, id) => id).sort((a, b) => this.#length(a) - this.#length(b))
    for (const id of shortestFirst) {
      const prefix = this.#prefixes[id] as Prefix
      this.#parents[id] = lookup(this.#tree, prefix.family, prefix.words)
      if (!this.#tree.insert(prefix, id)) throw new Error('more prefixes than a tree takes')
    }
  }

  /** The longest prefix that holds the row's address, or -1. */
  longest(columns: readonly Column[], row: number): number {
    const words = this.#words
    const family = this.#read(columns, row, words)
    if (family === 0) return -1
    // Neighbours in a batch often have the same exporter.
    const last = this.#last
    if (family === this.#lastFamily && words[0] === last[0]) {
      if (family === 4 || (words[1] === last[1] && words[2] === last[2] && words[3] === last[3])) return this.#lastId
    }
    last.set(words)
    this.#lastFamily = family
    this.#lastId = lookup(this.#tree, family, words)
    return this.#lastId
  }

  /** The next shorter prefix that holds all of this one, or -1. */
  parent(id: number): number {
    return this.#parents[id] as number
  }

  #length(id: number): number {
    return (this.#prefixes[id] as Prefix).length
  }
}

function lookup(tree: PrefixTree, family: number, words: ArrayLike<number>): number {
  if (family === 4) return tree.lookup4(words[0] as number)
  return tree.lookup6(words[0] as number, words[1] as number, words[2] as number, words[3] as number)
}
