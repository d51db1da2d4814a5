// Addresses, prefixes, MAC addresses and texts that hold some of them, to others. What was asked lately is remembered.
import type { Value } from '../../contract/record.ts'
import { holds, maskWord, type Prefix, parsePrefix, prefixText } from '../../lookup/prefix.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import { CryptoPan } from '../../octets/crypto-pan.ts'

/** What becomes of MAC addresses: nothing, all but the vendor's octets, or all. */
export type MacPolicy = 'keep' | 'vendor' | 'all'

export interface MappingOptions {
  readonly key: Uint8Array
  /** Addresses in these stay as they are. */
  readonly keep: readonly Prefix[]
  readonly macs: MacPolicy
}

type Words = readonly [number, number, number, number]

const REMEMBERED = 1 << 18
/** An address or prefix, perhaps; what is none is found out by reading it. */
const CANDIDATE = /[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*(?:\/\d{1,3})?/g
const DOTTED = /\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?/g

/** A result of each key; forgets all when it holds too many, so that memory is bounded at no cost a look-up. */
function remembered<Key, Answer>(make: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>()
  return key => {
    let answer = known.get(key)
    if (answer === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      answer = make(key)
      known.set(key, answer)
    }
    return answer
  }
}

export class Mapping {
  readonly #keep: readonly Prefix[]
  readonly #macs: MacPolicy
  /** The number of an IPv4 address; that of none (0.0.0.0) stays. */
  readonly ipv4: (address: number) => number
  readonly mac: (address: number) => number
  readonly #ipv6: (text: string) => Words
  readonly #text: (text: string) => string

  constructor({ key, keep, macs }: MappingOptions) {
    const pan = new CryptoPan(key)
    this.#keep = keep
    this.#macs = macs
    this.ipv4 = remembered((address: number) =>
      address === 0 || this.#isKept(4, address, 0, 0, 0) ? address : pan.ipv4(address),
    )
    this.mac = remembered((address: number) => pan.mac(address, this.#macs === 'vendor' ? 3 : 0))
    this.#ipv6 = remembered((text: string) => pan.ipv6(text.split(' ').map(Number)))
    this.#text = remembered((text: string) => this.#replaced(text))
  }

  /** The words of an IPv6 address; `::` stays. */
  ipv6(a: number, b: number, c: number, d: number): Words {
    if ((a | b | c | d) === 0 || this.#isKept(6, a, b, c, d)) return [a, b, c, d]
    return this.#ipv6(`${a} ${b} ${c} ${d}`)
  }

  #isKept(family: 4 | 6, a: number, b: number, c: number, d: number): boolean {
    return this.#keep.some(prefix => prefix.family === family && holds(prefix, a, b, c, d))
  }

  /** Any JSON value with every address in its texts replaced; the same value where there is none. */
  value(value: Value): Value {
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      const mapped = value.map(item => this.value(item))
      return mapped.some((item, index) => item !== value[index]) ? mapped : value
    }
    const entries = Object.entries(value).map(([name, item]) => [name, this.value(item)] as const)
    return entries.some(([name, item]) => item !== value[name]) ? Object.fromEntries(entries) : value
  }

  /** A prefix keeps its length; an address written without one stays without one. */
  #prefix(text: string): string | undefined {
    const prefix = parsePrefix(text)
    if (!prefix) return undefined
    const { family, length } = prefix
    const [a, b, c, d] = prefix.words
    const mapped: Words = family === 4 ? [this.ipv4(a), 0, 0, 0] : this.ipv6(a, b, c, d)
    if (!text.includes('/')) return family === 4 ? dotted(mapped[0]) : ipv6Text(...mapped)
    return prefixText({ family, length, words: masked(mapped, length) })
  }

  #replaced(text: string): string {
    return text.replace(
      CANDIDATE,
      found => this.#prefix(found) ?? found.replace(DOTTED, inside => this.#prefix(inside) ?? inside),
    )
  }
}

export function masked([a, b, c, d]: Words, length: number): Words {
  return [maskWord(a, length), maskWord(b, length - 32), maskWord(c, length - 64), maskWord(d, length - 96)]
}
