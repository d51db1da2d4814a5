// Longest match among the prefixes of a route table: a tree for each table (scope) that is asked, made when it is first
// asked and kept up from then on.
import type { Prefix } from './prefix.ts'
import { PrefixTree } from './prefix-tree.ts'
import { NO_PREFIX, type RoutePrefixes } from './route-prefixes.ts'

export type Family = 4 | 6

export class RouteIndex {
  readonly #prefixes: RoutePrefixes
  /** By scope. */
  readonly #trees: (PrefixTree | undefined)[] = []
  readonly #families: Family[] = []

  constructor(prefixes: RoutePrefixes) {
    this.#prefixes = prefixes
    prefixes.watcher = {
      added: id => this.#change(id, true),
      removed: id => this.#change(id, false),
    }
  }

  /** Id of the longest prefix of an IPv4 scope that holds the address; 0 = none. */
  longest4(scope: number, address: number): number {
    return (this.#trees[scope] ?? this.#make(scope, 4)).lookup4(address) + 1
  }

  /** The same for an IPv6 scope. */
  longest6(scope: number, a: number, b: number, c: number, d: number): number {
    return (this.#trees[scope] ?? this.#make(scope, 6)).lookup6(a, b, c, d) + 1
  }

  #make(scope: number, family: Family): PrefixTree {
    const tree = new PrefixTree()
    this.#trees[scope] = tree
    this.#families[scope] = family
    const { end } = this.#prefixes
    for (let id = 1; id < end; id++) {
      if (this.#prefixes.scope(id) === scope) tree.insert(this.#prefix(id, family), id - 1)
    }
    return tree
  }

  #change(id: number, isAdded: boolean): void {
    const scope = this.#prefixes.scope(id)
    const tree = this.#trees[scope]
    if (!tree || this.#prefixes.length(id) === NO_PREFIX) return
    const prefix = this.#prefix(id, this.#families[scope] as Family)
    if (isAdded) tree.insert(prefix, id - 1)
    else tree.remove(prefix)
  }

  #prefix(id: number, family: Family): Prefix {
    const word = (index: number) => this.#prefixes.word(id, index)
    return { family, words: [word(0), word(1), word(2), word(3)], length: this.#prefixes.length(id) }
  }
}
