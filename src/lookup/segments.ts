// Longest prefix match on bits 33 to 64 of an IPv6 address. The prefixes below one /32 are kept as sorted ranges of the
// second word, side by side in one array: a look-up is a hash probe and a binary search in one or two cache lines, where
// a trie would read five to eight. A prefix that is alone below its /32 stands where the probe finds it. Ranges are made
// again when they are looked up after a change.
import { WordTable } from './word-table.ts'

/**
 * Fields of a top (a first word that has prefixes): the word; how many ranges, 0 = a free place; where they are. Of a prefix
 * alone: ALONE and the bits that it leaves open, its second word, its value + 1. One cache line holds all of it.
 */
const HIGH = 0
const COUNT = 1
const OFFSET = 2
const ALONE_VALUE = 3
const TOP_FIELDS = 4
const TOP_SHIFT = 2
/** Fields of a member (a prefix): second word, length, value, the top's next member + 1. */
const WORD = 0
const LENGTH = 1
const VALUE = 2
const NEXT = 3
const MEMBER_FIELDS = 4
/** COUNT of a top whose members have changed. */
const CHANGED = 0xffff_ffff
const ALONE = 0x8000_0000
const OPEN_BITS = 63
const FIRST_TOPS = 64
/** Room for more ranges than a top has, so that small changes stay in place. */
const SPARE = 4

/** Prefixes of 32 to 64 bits, as two words; values are whole numbers >= 0. */
export class Segments {
  /** Tops by first word: open addressing, one cache line a probe. */
  #tops = new Uint32Array(FIRST_TOPS * TOP_FIELDS)
  #topCount = 0
  /** Number of the top + 1, by its place. */
  #numbers = new Uint32Array(FIRST_TOPS)
  /** By number of the top: room for ranges, where it is, first of its members + 1. */
  #capacities: number[] = []
  #offsets: number[] = []
  #heads: number[] = []
  /** First word, second word, length -> place among the members + 1. */
  #exact = new WordTable()
  #members = new Uint32Array(64 * MEMBER_FIELDS)
  #membersUsed = 0
  /** First of the members that are free + 1. */
  #free = 0
  /** Pairs: where a range starts, and the value + 1 of the prefix that it belongs to (0 = none). */
  #ranges = new Uint32Array(1024)
  #rangesUsed = 0
  #rangesLost = 0

  /** Value of the longest prefix that holds the address, or -1. */
  lookup(high: number, low: number): number {
    const tops = this.#tops
    const top = this.#find(high)
    let count = tops[top + COUNT] as number
    if (count === 0) return -1
    if (count === CHANGED) {
      this.#build(top)
      count = tops[top + COUNT] as number
    }
    let from = tops[top + OFFSET] as number
    if (count >= ALONE) return isOutside(low, from, count & OPEN_BITS) ? -1 : (tops[top + ALONE_VALUE] as number) - 1
    const ranges = this.#ranges
    // The last range that starts at or before the address: the one at `from` does, as the first starts at 0.
    while (count > 1) {
      const half = count >>> 1
      if ((ranges[from + 2 * half] as number) <= low) from += 2 * half
      count -= half
    }
    return (ranges[from + 1] as number) - 1
  }

  /** Value of exactly this prefix, or -1. */
  get(high: number, low: number, length: number): number {
    const member = this.#exact.get(high, low, length)
    return member === 0 ? -1 : (this.#members[(member - 1) * MEMBER_FIELDS + VALUE] as number)
  }

  insert(high: number, low: number, length: number, value: number): void {
    const top = this.#makeTop(high)
    this.#tops[top + COUNT] = CHANGED
    let member = this.#exact.get(high, low, length) - 1
    if (member < 0) {
      member = this.#allocateMember()
      const number = this.#number(top)
      const at = member * MEMBER_FIELDS
      this.#members[at + WORD] = low
      this.#members[at + LENGTH] = length
      this.#members[at + NEXT] = this.#heads[number] as number
      this.#heads[number] = member + 1
      this.#exact.set(high, low, length, member + 1)
    }
    this.#members[member * MEMBER_FIELDS + VALUE] = value
  }

  remove(high: number, low: number, length: number): void {
    const member = this.#exact.get(high, low, length)
    if (member === 0) return
    this.#exact.delete(high, low, length)
    const top = this.#find(high)
    this.#tops[top + COUNT] = CHANGED
    const number = this.#number(top)
    const next = this.#members[(member - 1) * MEMBER_FIELDS + NEXT] as number
    if (this.#heads[number] === member) this.#heads[number] = next
    else {
      let at = ((this.#heads[number] as number) - 1) * MEMBER_FIELDS
      while (this.#members[at + NEXT] !== member) at = ((this.#members[at + NEXT] as number) - 1) * MEMBER_FIELDS
      this.#members[at + NEXT] = next
    }
    this.#members[(member - 1) * MEMBER_FIELDS + NEXT] = this.#free
    this.#free = member
  }

  /** Where the top of a first word is, or the free place where it belongs. */
  #find(high: number): number {
    const tops = this.#tops
    const last = tops.length - 1
    let top = (hash(high) << TOP_SHIFT) & last
    while (tops[top + HIGH] !== high && tops[top + COUNT] !== 0) top = (top + TOP_FIELDS) & last
    return top
  }

  #number(top: number): number {
    return (this.#numbers[top >>> TOP_SHIFT] as number) - 1
  }

  #makeTop(high: number): number {
    let top = this.#find(high)
    if (this.#tops[top + COUNT] !== 0) return top
    if (2 * (this.#topCount + 1) * TOP_FIELDS > this.#tops.length) {
      this.#growTops()
      top = this.#find(high)
    }
    this.#tops[top + HIGH] = high
    this.#tops[top + COUNT] = CHANGED
    this.#numbers[top >>> TOP_SHIFT] = ++this.#topCount
    this.#capacities.push(0)
    this.#offsets.push(0)
    this.#heads.push(0)
    return top
  }

  #growTops(): void {
    const [old, numbers] = [this.#tops, this.#numbers]
    this.#tops = new Uint32Array(2 * old.length)
    this.#numbers = new Uint32Array(2 * numbers.length)
    for (let at = 0; at < old.length; at += TOP_FIELDS) {
      if (old[at + COUNT] === 0) continue
      const top = this.#find(old[at + HIGH] as number)
      this.#tops.set(old.subarray(at, at + TOP_FIELDS), top)
      this.#numbers[top >>> TOP_SHIFT] = numbers[at >>> TOP_SHIFT] as number
    }
  }

  #allocateMember(): number {
    if (this.#free > 0) {
      const member = this.#free - 1
      this.#free = this.#members[member * MEMBER_FIELDS + NEXT] as number
      return member
    }
    if ((this.#membersUsed + 1) * MEMBER_FIELDS > this.#members.length) this.#members = grown(this.#members)
    return this.#membersUsed++
  }

  /** Makes the ranges of a top out of its members. */
  #build(top: number): void {
    const number = this.#number(top)
    if (this.#standsAlone(top, this.#heads[number] as number)) return
    const members: Member[] = []
    for (let member = this.#heads[number] as number; member > 0; ) {
      const at = (member - 1) * MEMBER_FIELDS
      const [word = 0, length = 0, value = 0, next = 0] = this.#members.subarray(at, at + MEMBER_FIELDS)
      members.push({ start: word, end: word + 2 ** (64 - length), length, value })
      member = next
    }
    const ranges = rangesOf(members)
    if (ranges.length > (this.#capacities[number] as number)) {
      this.#allocateRanges(number, ranges.length + 2 * (ranges.length >>> 3) + SPARE)
    }
    const offset = this.#offsets[number] as number
    this.#ranges.set(ranges, offset)
    this.#tops[top + OFFSET] = offset
    this.#tops[top + COUNT] = ranges.length / 2
  }

  /** Puts the only member of a top (its place + 1) into the top itself; false when it is not the only one. */
  #standsAlone(top: number, member: number): boolean {
    const at = (member - 1) * MEMBER_FIELDS
    if (member === 0 || this.#members[at + NEXT] !== 0) return false
    this.#tops[top + COUNT] = ALONE + 64 - (this.#members[at + LENGTH] as number)
    this.#tops[top + OFFSET] = this.#members[at + WORD] as number
    this.#tops[top + ALONE_VALUE] = (this.#members[at + VALUE] as number) + 1
    return true
  }

  #allocateRanges(number: number, capacity: number): void {
    this.#rangesLost += this.#capacities[number] as number
    this.#capacities[number] = 0
    if (this.#rangesUsed + capacity > this.#ranges.length && 2 * this.#rangesLost > this.#rangesUsed) this.#compact()
    while (this.#rangesUsed + capacity > this.#ranges.length) this.#ranges = grown(this.#ranges)
    this.#offsets[number] = this.#rangesUsed
    this.#capacities[number] = capacity
    this.#rangesUsed += capacity
  }

  /** Moves the ranges together, leaving out those that their tops have outgrown. */
  #compact(): void {
    const packed = new Uint32Array(this.#ranges.length)
    let used = 0
    for (let top = 0; top < this.#tops.length; top += TOP_FIELDS) {
      if (this.#tops[top + COUNT] === 0) continue
      const number = this.#number(top)
      const capacity = this.#capacities[number] as number
      if (capacity === 0) continue
      const offset = this.#offsets[number] as number
      packed.set(this.#ranges.subarray(offset, offset + capacity), used)
      this.#offsets[number] = used
      if ((this.#tops[top + COUNT] as number) < ALONE) this.#tops[top + OFFSET] = used
      used += capacity
    }
    this.#ranges = packed
    this.#rangesUsed = used
    this.#rangesLost = 0
  }
}

/** Whether an address differs from a prefix in more than its `open` last bits, 0 to 32 (JavaScript shifts by 31 at most). */
function isOutside(low: number, word: number, open: number): boolean {
  const half = open >>> 1
  return ((low ^ word) >>> half) >>> (open - half) !== 0
}

function hash(high: number): number {
  const mixed = Math.imul(high ^ (high >>> 16), 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}

interface Member {
  readonly start: number
  /** One past its last word. */
  readonly end: number
  readonly length: number
  readonly value: number
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * array.length)
  twice.set(array)
  return twice
}

/** Pairs of start and value + 1, by start; prefixes nest or lie apart, so a stack says which one goes on after another. */
function rangesOf(members: Member[]): number[] {
  members.sort((a, b) => a.start - b.start || a.length - b.length)
  const ranges = [0, 0]
  const open: Member[] = []
  const put = (start: number, value: number) => {
    if (ranges.at(-2) === start) ranges[ranges.length - 1] = value
    else ranges.push(start, value)
  }
  const closeUpTo = (start: number) => {
    while (open.length > 0 && (open.at(-1) as Member).end <= start) {
      const { end } = open.pop() as Member
      const around = open.at(-1)
      if (end < 2 ** 32) put(end, around ? around.value + 1 : 0)
    }
  }
  for (const member of members) {
    closeUpTo(member.start)
    put(member.start, member.value + 1)
    open.push(member)
  }
  closeUpTo(2 ** 32)
  return ranges
}
