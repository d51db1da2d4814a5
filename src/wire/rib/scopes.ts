// The tables of a peer: address family, and route distinguisher where there is one.
import type { NetRecord } from '../../contract/record.ts'
import { OctetStore } from '../../lookup/octet-store.ts'
import { parsedRecord } from '../../stream/json.ts'
import type { Gather } from './gather.ts'

/** Families times route distinguishers. */
export const MAX_SCOPES = 100_000

export interface Scope {
  readonly id: number
  readonly afi: number
  readonly safi: number
  readonly rd: string | undefined
  readonly rdOrigin: string | undefined
  /** Its members as octets of JSON, without braces. */
  readonly octets: Uint8Array
}

const encoder = new TextEncoder()

function scopeOf(id: number, { afi, safi, rd, rd_origin }: NetRecord): Scope {
  const record: NetRecord = { afi: Number(afi ?? 0), safi: Number(safi ?? 0) }
  if (rd !== undefined) record.rd = rd
  if (rd_origin !== undefined) record.rd_origin = rd_origin
  return {
    id,
    afi: Number(afi ?? 0),
    safi: Number(safi ?? 0),
    rd: rd === undefined ? undefined : String(rd),
    rdOrigin: rd_origin === undefined ? undefined : String(rd_origin),
    octets: encoder.encode(JSON.stringify(record).slice(1, -1)),
  }
}

export class Scopes {
  readonly all: Scope[] = []
  readonly #byKey = new Map<string, Scope>()
  readonly #texts = new OctetStore()
  readonly #byText: (Scope | undefined)[] = []
  #last: Scope | undefined

  get(id: number): Scope | undefined {
    return this.all[id]
  }

  /** The scope that the members name; undefined when there are too many. */
  of(members: Gather): Scope | undefined {
    if (this.#last && members.equals(this.#last.octets)) return this.#last
    const text = this.#texts.intern(members.octets, members.view, members.from, members.to)
    if (text < 0) return undefined
    const scope = this.#byText[text] ?? this.#make(members)
    if (scope) this.#byText[text] = scope
    this.#last = scope
    return scope
  }

  #make(members: Gather): Scope | undefined {
    const record = parsedRecord(`{${members.text}}`)
    if (!record) return undefined
    const made = scopeOf(this.all.length, record)
    const key = JSON.stringify([made.afi, made.safi, made.rd ?? null, made.rdOrigin ?? null])
    const known = this.#byKey.get(key)
    if (known) return known
    if (this.all.length >= MAX_SCOPES) return undefined
    this.#byKey.set(key, made)
    this.all.push(made)
    return made
  }
}
