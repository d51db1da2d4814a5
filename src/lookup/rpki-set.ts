// All that one source says: origins, paths and router keys, and what changes from one set to the next.
import { AspaTable } from './aspa-table.ts'
import { RoaTable } from './roa-table.ts'
import { type Payload, payloadKey, type RouterKey } from './rpki-payload.ts'

/** Router keys in one set: one for each router of the internet's ASes. */
export const MAX_ROUTER_KEYS = 1_000_000

export interface Change {
  readonly announced: boolean
  readonly payload: Payload
}

export class RpkiSet {
  readonly roas = new RoaTable()
  readonly aspas = new AspaTable()
  readonly #keys = new Map<string, RouterKey>()

  get size(): number {
    return this.roas.size + this.aspas.size + this.#keys.size
  }

  get routerKeys(): number {
    return this.#keys.size
  }

  add(payload: Payload): 'added' | 'there' | 'full' {
    if (payload.kind === 'roa') return this.roas.add(payload)
    if (payload.kind === 'aspa') return this.aspas.set(payload)
    const key = payloadKey(payload)
    if (this.#keys.has(key)) return 'there'
    if (this.#keys.size >= MAX_ROUTER_KEYS) return 'full'
    this.#keys.set(key, payload)
    return 'added'
  }

  /** Whether exactly this is there; of an ASPA, whether its customer has one. */
  has(payload: Payload): boolean {
    if (payload.kind === 'roa') return this.roas.has(payload)
    if (payload.kind === 'aspa') return this.aspas.get(payload) !== undefined
    return this.#keys.has(payloadKey(payload))
  }

  remove(payload: Payload): boolean {
    if (payload.kind === 'roa') return this.roas.remove(payload)
    if (payload.kind === 'aspa') return this.aspas.remove(payload.customer, payload.afi)
    return this.#keys.delete(payloadKey(payload))
  }

  *[Symbol.iterator](): Generator<Payload> {
    yield* this.roas
    yield* this.aspas
    yield* this.#keys.values()
  }

  /** What makes `older` this: what is new first, so that no route is without its ROA in between. */
  *changesSince(older: RpkiSet): Generator<Change> {
    for (const payload of this) {
      const known = payload.kind === 'aspa' ? older.#hasSameAspa(payload) : older.has(payload)
      if (!known) yield { announced: true, payload }
    }
    for (const payload of older) if (!this.has(payload)) yield { announced: false, payload }
  }

  #hasSameAspa(payload: Payload & { kind: 'aspa' }): boolean {
    const known = this.aspas.get(payload)
    return known !== undefined && known.providers.join() === payload.providers.join()
  }
}
