// Flows by their ends: protocol, addresses, ports, VLAN and interface. A hash table of flow numbers; keys stand by number.
import { randomInt } from 'node:crypto'
import type { Headers } from './headers.ts'

/** Two addresses, ports, family with protocol and VLAN, interface. */
const KEY_WORDS = 11
const PORTS_WORD = 8
const FIRST_SLOTS = 64
const FIRST_FLOWS = 64
const PORTS = 65_536
const NONE = -1
/** Another one each time, so that nobody can send keys that all fall into one place. What comes out does not depend on it. */
const SEED = randomInt(2 ** 32)

export class FlowKeys {
  readonly #bidirectional: boolean
  readonly #key = new Uint32Array(KEY_WORDS)
  #hash = 0
  /** Where the last key belongs. */
  #slot = 0
  #keys = new Uint32Array(KEY_WORDS * FIRST_FLOWS)
  #hashes = new Int32Array(FIRST_FLOWS)
  /** Flow + 1; 0 = free. */
  #slots = new Int32Array(FIRST_SLOTS)
  size = 0
  /** The last key had its ends put in order. */
  isSwapped = false

  constructor(bidirectional: boolean) {
    this.#bidirectional = bidirectional
  }

  /** The flow of these headers, or -1. */
  find(headers: Headers, iface: number): number {
    this.#set(headers, iface)
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = this.#hash & mask
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const flow = (slots[slot] as number) - 1
      if (this.#hashes[flow] === this.#hash && this.#isAt(flow)) return flow
    }
    this.#slot = slot
    return NONE
  }

  /** Gives the key of the last `find`, which found none, to a flow; nothing may come between. */
  add(flow: number): void {
    if ((flow + 1) * KEY_WORDS > this.#keys.length) this.#growFlows()
    this.#keys.set(this.#key, flow * KEY_WORDS)
    this.#hashes[flow] = this.#hash
    this.#slots[this.#slot] = flow + 1
    this.size++
    if (this.size * 2 > this.#slots.length) this.#growSlots()
  }

  remove(flow: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let hole = (this.#hashes[flow] as number) & mask
    while (slots[hole] !== flow + 1) hole = (hole + 1) & mask
    // Entries that were pushed past the hole move back into it, so that a search never stops too early.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.#hashes[(slots[slot] as number) - 1] as number) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot] as number
      hole = slot
    }
    slots[hole] = 0
    this.size--
  }

  #set(headers: Headers, iface: number): void {
    const { family, protocol, vlan, icmpType, icmpCode } = headers
    // ICMP has its type and code where others have the destination port, as NetFlow exporters have it. What is not there (NaN) is 0.
    const isIcmp = icmpType >= 0
    const source = isIcmp ? 0 : headers.sourcePort | 0
    const destination = isIcmp ? icmpType * 256 + (icmpCode | 0) : headers.destinationPort | 0
    this.isSwapped = this.#bidirectional && isHigher(headers, source, destination)
    const from = this.isSwapped ? headers.destination : headers.source
    const to = this.isSwapped ? headers.source : headers.destination
    const key = this.#key
    const words = family === 6 ? 4 : 1
    if (words === 1) key.fill(0, 1, PORTS_WORD)
    for (let word = 0; word < words; word++) {
      key[word] = from[word] as number
      key[4 + word] = to[word] as number
    }
    key[PORTS_WORD] = this.isSwapped ? destination * PORTS + source : source * PORTS + destination
    key[PORTS_WORD + 1] = (words << 24) | ((protocol | 0) << 12) | vlan
    key[PORTS_WORD + 2] = this.#bidirectional ? 0 : iface >>> 0
    this.#hash = hashOf(key)
  }

  #isAt(flow: number): boolean {
    const keys = this.#keys
    const key = this.#key
    const at = flow * KEY_WORDS
    for (let word = 0; word < KEY_WORDS; word++) if (keys[at + word] !== key[word]) return false
    return true
  }

  #growFlows(): void {
    const [keys, hashes] = [new Uint32Array(2 * this.#keys.length), new Int32Array(2 * this.#hashes.length)]
    keys.set(this.#keys)
    hashes.set(this.#hashes)
    this.#keys = keys
    this.#hashes = hashes
  }

  #growSlots(): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    for (const entry of old) {
      if (entry === 0) continue
      let slot = (this.#hashes[entry - 1] as number) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry
    }
    this.#slots = slots
  }
}

function hashOf(key: Uint32Array): number {
  let mixed = SEED | 0
  for (let word = 0; word < KEY_WORDS; word++) {
    mixed = Math.imul(mixed ^ (key[word] as number), 0x9e3779b1)
    mixed ^= mixed >>> 15
  }
  mixed = Math.imul(mixed, 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}

function isHigher({ source, destination, family, icmpType }: Headers, from: number, to: number): boolean {
  for (let word = 0; word < (family === 6 ? 4 : 1); word++) {
    const difference = (source[word] as number) - (destination[word] as number)
    if (difference !== 0) return difference > 0
  }
  return !(icmpType >= 0) && from > to
}
