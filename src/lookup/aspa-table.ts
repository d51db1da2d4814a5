// Who the providers of an AS are, and what that says of AS paths (draft-ietf-sidrops-aspa-verification sections 5 and 6).
import type { Aspa } from './rpki-payload.ts'

/** Customers in one table: every AS there is, eight times over. */
export const MAX_ASPAS = 1_000_000

export type PathState = 'valid' | 'invalid' | 'unknown'
/** Section 5.2: what the customer attests of the other AS. */
type Hop = 'provider' | 'not-provider' | 'no-attestation'

export class AspaTable {
  readonly limit: number
  /** By customer and address family. */
  readonly #aspas = new Map<number, Aspa>()

  constructor(limit = MAX_ASPAS) {
    this.limit = limit
  }

  get size(): number {
    return this.#aspas.size
  }

  get({ customer, afi }: Pick<Aspa, 'customer' | 'afi'>): Aspa | undefined {
    return this.#aspas.get(keyOf(customer, afi))
  }

  /** Over that of the same customer. `there` when the table has exactly it, `full` when there is no room. */
  set(aspa: Aspa): 'added' | 'there' | 'full' {
    const key = keyOf(aspa.customer, aspa.afi)
    const known = this.#aspas.get(key)
    if (known && sameProviders(known, aspa)) return 'there'
    if (!known && this.#aspas.size >= this.limit) return 'full'
    this.#aspas.set(key, aspa)
    return 'added'
  }

  remove(customer: number, afi: Aspa['afi']): boolean {
    return this.#aspas.delete(keyOf(customer, afi))
  }

  [Symbol.iterator](): IterableIterator<Aspa> {
    return this.#aspas.values()
  }

  /**
   * The state of a path that came from a customer, a peer or a route server: it must go up all the way.
   * `path` as in AS_PATH: the neighbour first, the origin last; without AS_SETs.
   */
  upstream(path: readonly number[], family: 4 | 6): PathState {
    const ases = withoutRepeats(path)
    if (ases.length === 0) return 'invalid'
    const { most, least } = this.#ramp(ases, family)
    if (most < ases.length) return 'invalid'
    return least < ases.length ? 'unknown' : 'valid'
  }

  /** The state of a path that came from a provider: it may go up, across once, and down. */
  downstream(path: readonly number[], family: 4 | 6): PathState {
    const ases = withoutRepeats(path)
    if (ases.length === 0) return 'invalid'
    const up = this.#ramp(ases, family)
    const down = this.#ramp(ases.toReversed(), family)
    if (up.most + down.most < ases.length) return 'invalid'
    return up.least + down.least < ases.length ? 'unknown' : 'valid'
  }

  /** How many ASes from the start of `ases` on may be, and are known to be, each a provider of the one before. */
  #ramp(ases: readonly number[], family: 4 | 6): { readonly most: number; readonly least: number } {
    let least = 0
    for (let index = 1; index < ases.length; index++) {
      const hop = this.#hop(ases[index - 1] as number, ases[index] as number, family)
      if (hop !== 'provider' && least === 0) least = index
      if (hop === 'not-provider') return { most: index, least }
    }
    return { most: ases.length, least: least === 0 ? ases.length : least }
  }

  #hop(customer: number, provider: number, family: 4 | 6): Hop {
    const both = this.#aspas.get(keyOf(customer, 0))
    const one = this.#aspas.get(keyOf(customer, family === 4 ? 1 : 2))
    if (!both && !one) return 'no-attestation'
    return both?.providers.includes(provider) || one?.providers.includes(provider) ? 'provider' : 'not-provider'
  }
}

const keyOf = (customer: number, afi: number): number => 4 * customer + afi

function sameProviders(one: Aspa, other: Aspa): boolean {
  const { providers } = one
  return providers.length === other.providers.length && providers.every((asn, at) => asn === other.providers[at])
}

/** From the origin on, each AS once where it stands several times in a row. */
function withoutRepeats(path: readonly number[]): number[] {
  return path.filter((asn, index) => asn !== path[index - 1]).reverse()
}
