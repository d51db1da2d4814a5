// One line of a BGP or BMP stream, taken apart by its members without parsing their values.

import { skipValue } from '../../fields/scan-text.ts'
import { maskWord } from '../../lookup/prefix.ts'
import { parseIpv6 } from '../../octets/address.ts'
import { Gather } from './gather.ts'
import { LinePattern } from './line-pattern.ts'
import { dottedNumber, milliseconds, wholeNumber } from './line-values.ts'
import * as member from './members.ts'

const QUOTE = 34
const COLON = 58
const COMMA = 44
const BACKSLASH = 92
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const SLASH = 47
const ZERO = 48
/** Room for the text of any prefix. */
const scratch = new Uint8Array(64)

/** Past a value of JSON that is known to be valid, escapes and all. */
function skipValid(octets: Uint8Array, at: number): number {
  let depth = 0
  for (; ; at++) {
    const octet = octets[at] as number
    if (octet === QUOTE) {
      while (octets[++at] !== QUOTE) if (octets[at] === BACKSLASH) at++
      if (depth === 0) return at + 1
    } else if (octet === OPEN_BRACE || octet === 91) depth++
    else if (octet === CLOSE_BRACE || octet === 93) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (octet === COMMA && depth === 0) return at
  }
}

/** Past a value; -1 where it has escapes or is no compact JSON. Texts, the most frequent values, go without a call. */
function skipText(octets: Uint8Array, at: number): number {
  if (octets[at] !== QUOTE) return skipValue(octets, at)
  for (;;) {
    const octet = octets[++at] as number
    if (octet === QUOTE) return at + 1
    if (octet === BACKSLASH || octet < 32) return -1
  }
}

export class RouteLine {
  event = 0
  logType = 0
  /** Kind of BMP message; 0 = not of BMP. */
  bmpMessage = 0
  /** 0 = not said. */
  seq = 0
  /** Receive time in Unix ms: timestamp_arrival, else timestamp; 0 = not said. */
  timeMs = 0
  /** Of ip_prefix: 4, 6, or 0 when there is none. */
  family = 0
  readonly words = new Uint32Array(4)
  length = 0
  pathId = 0
  readonly peer = new Gather()
  readonly scope = new Gather()
  readonly nlri = new Gather()
  readonly own = new Gather()
  readonly attributes = new Gather()
  /** Nothing but seq, prefix and path id is other than in the line before. */
  repeats = false
  readonly #pattern = new LinePattern()
  #arrived = false
  #prefixFrom = 0
  #prefixTo = 0
  #segmentIsKey = true

  #clear(): void {
    this.event = this.logType = this.bmpMessage = this.seq = this.timeMs = this.family = this.pathId = 0
    this.peer.clear()
    this.scope.clear()
    this.nlri.clear()
    this.own.clear()
    this.attributes.clear()
    this.#arrived = false
    this.#prefixFrom = this.#prefixTo = 0
    this.#segmentIsKey = true
  }

  /** The octets of lines that were read are about to change. */
  forget(): void {
    this.#pattern.forget()
  }

  /** Whether lines may repeat it with another prefix. Where the prefix is part of more, more would change with it. */
  get isPlain(): boolean {
    return this.family !== 0 && this.nlri.isEmpty
  }

  /** As if a line was read that is like the one before, but for these; false, and nothing read, when that is none. */
  repeat(prefix: string, seq: number, pathId: number): boolean {
    this.repeats = seq >= 0 && pathId >= 0 && this.#takePrefix(prefix)
    this.seq = seq
    this.pathId = pathId >>> 0
    return this.repeats
  }

  #takePrefix(text: string): boolean {
    if (text.length > scratch.length) return false
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 126) return false
      scratch[index] = code
    }
    this.family = 0
    this.#readPrefix(scratch, 0, text.length)
    return this.family !== 0
  }

  /** False when the line is not compact JSON without escapes (`isValid`: it is known to be JSON, escapes are fine). */
  read(octets: Uint8Array, view: DataView, start: number, end: number, isValid: boolean): boolean {
    this.repeats = this.#pattern.fits(octets, view, start, end) && this.#readAgain(octets)
    if (this.repeats) return true
    this.#pattern.forget()
    if (!this.#readAll(octets, view, start, end, isValid)) return false
    if (this.isPlain) this.#pattern.set(view, start, end)
    return true
  }

  /** What may differ between a line and the one before. */
  #readAgain(octets: Uint8Array): boolean {
    const { holes, kinds, from, to } = this.#pattern
    for (let index = 0; index < holes; index++) {
      const [first, last] = [from[index] as number, to[index] as number]
      if (kinds[index] === member.SEQ) this.seq = wholeNumber(octets, first, last)
      else if (kinds[index] === member.PATH_ID) this.pathId = wholeNumber(octets, first, last) >>> 0
      else {
        this.family = 0
        this.#readPrefix(octets, first, last)
        if (this.family === 0) return false
      }
    }
    return true
  }

  #readAll(octets: Uint8Array, view: DataView, start: number, end: number, isValid: boolean): boolean {
    this.#clear()
    let at = start
    if (octets[at++] !== OPEN_BRACE) return false
    if (octets[at] === CLOSE_BRACE) return at + 1 === end
    for (;;) {
      if (octets[at] !== QUOTE) return false
      let keyEnd = at + 1
      for (let octet = octets[keyEnd]; octet !== QUOTE; octet = octets[++keyEnd]) {
        if (keyEnd >= end || (octet as number) < 32) return false
        if (octet !== BACKSLASH) continue
        if (!isValid) return false
        keyEnd++
      }
      if (octets[keyEnd + 1] !== COLON) return false
      const valueAt = keyEnd + 2
      const next = isValid ? skipValid(octets, valueAt) : skipText(octets, valueAt)
      if (next < 0 || next >= end) return false
      this.#take(member.MEMBERS.get(octets, at + 1, keyEnd), octets, view, at, valueAt, next)
      at = next + 1
      if (octets[next] === COMMA) continue
      if (octets[next] !== CLOSE_BRACE || at !== end) return false
      this.#finish(octets, view)
      return true
    }
  }

  /** Takes the member at..to with its value at valueAt. */
  #take(kind: number, octets: Uint8Array, view: DataView, at: number, valueAt: number, to: number): void {
    switch (kind) {
      case member.ATTRIBUTE:
        this.attributes.add(octets, view, at, to)
        return
      case member.PEER:
        this.peer.add(octets, view, at, to)
        return
      case member.SCOPE:
        this.scope.add(octets, view, at, to)
        return
      case member.NLRI:
        this.nlri.add(octets, view, at, to)
        return
      case member.OWN:
        this.own.add(octets, view, at, to)
        return
      case member.IP_PREFIX:
        this.#prefixFrom = at
        this.#prefixTo = to
        this.#readPrefix(octets, valueAt + 1, to - 1)
        if (this.family !== 0) this.#pattern.hole(kind, valueAt + 1, to - 1)
        return
      default:
        this.#takeOne(kind, octets, view, at, valueAt, to)
    }
  }

  #takeOne(kind: number, octets: Uint8Array, view: DataView, at: number, valueAt: number, to: number): void {
    switch (kind) {
      case member.EVENT_TYPE:
        this.event = member.EVENTS.get(octets, valueAt + 1, to - 1)
        return
      case member.LOG_TYPE:
        this.logType = member.LOG_TYPES.get(octets, valueAt + 1, to - 1)
        return
      case member.BMP_MESSAGE:
        this.bmpMessage = member.BMP_MESSAGES.get(octets, valueAt + 1, to - 1) || member.OTHER_MESSAGE
        return
      case member.SEQ:
        this.seq = wholeNumber(octets, valueAt, to)
        this.#pattern.hole(kind, valueAt, to)
        return
      case member.TIMESTAMP:
        if (!this.#arrived) this.timeMs = milliseconds(octets, valueAt, to)
        return
      case member.ARRIVAL:
        this.timeMs = milliseconds(octets, valueAt, to)
        this.#arrived = true
        return
      case member.PATH_ID:
        this.pathId = wholeNumber(octets, valueAt, to) >>> 0
        this.#pattern.hole(kind, valueAt, to)
        return
      case member.EVPN_TYPE:
        this.nlri.add(octets, view, at, to)
        this.#segmentIsKey = octets[valueAt] !== 50 && octets[valueAt] !== 53
        return
      case member.EVPN_ESI:
        ;(this.#segmentIsKey ? this.nlri : this.own).add(octets, view, at, to)
        return
      default:
        return
    }
  }

  /** A prefix that is a part of more (EVPN type 5) is a member like the others. */
  #finish(octets: Uint8Array, view: DataView): void {
    if (this.nlri.isEmpty || this.#prefixTo === 0) return
    this.nlri.add(octets, view, this.#prefixFrom, this.#prefixTo)
    this.family = 0
  }

  /** The family stays 0 when the text is no prefix. */
  #readPrefix(octets: Uint8Array, from: number, to: number): void {
    let slash = to - 1
    while (slash > from && octets[slash] !== SLASH) slash--
    const length = slash > from ? wholeNumber(octets, slash + 1, to) : 129
    // A length of 0 is one only if it says so.
    if (length === 0 && (octets[slash + 1] !== ZERO || to !== slash + 2)) return
    const ipv4 = dottedNumber(octets, from, slash)
    const { words } = this
    words.fill(0)
    if (ipv4 >= 0) words[0] = ipv4
    else if (!parseIpv6(decoder.decode(octets.subarray(from, slash)), words, 0)) return
    if (length > (ipv4 >= 0 ? 32 : 128)) return
    this.family = ipv4 >= 0 ? 4 : 6
    this.length = length
    for (let word = 0; word < 4; word++) words[word] = maskWord(words[word] as number, length - 32 * word)
  }
}

const decoder = new TextDecoder()
