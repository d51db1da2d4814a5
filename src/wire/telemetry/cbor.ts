// CBOR (RFC 8949) as JSON values, with what YANG does with it (RFC 9254): byte strings are base64 as in RFC 7951, SIDs
// stay numbers, because their names stand in files that we do not have.
import type { Problem } from '../../contract/problem.ts'
import type { Value } from '../../contract/record.ts'
import { MAX_DEPTH } from './depth.ts'
import { type Members, setMember } from './members.ts'

const BREAK = Symbol('break')
type Item = Value | typeof BREAK

/** Major types (RFC 8949 section 3.1). */
const [UNSIGNED, NEGATIVE, OCTETS, TEXT, LIST, MAP, TAG] = [0, 1, 2, 3, 4, 5, 6]
const INDEFINITE = 31
const UNSIGNED_BIGNUM = 2
const NEGATIVE_BIGNUM = 3
const DECIMAL_FRACTION = 4
/** Texts that are no longer, and plain ASCII, need no TextDecoder. */
const SHORT_TEXT_OCTETS = 32
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** The value of octets that hold one data item, or a Problem `telemetry/cbor`. */
export function decodeCbor(octets: Uint8Array): Value | Problem {
  try {
    const reader = new CborReader(octets)
    const value = reader.value(0)
    if (reader.at === octets.length) return value
    return wrong(`${octets.length - reader.at} octets follow on the data item`)
  } catch (error) {
    if (error instanceof CborError || error instanceof RangeError || error instanceof TypeError)
      return wrong(error.message)
    throw error
  }
}

const wrong = (message: string): Problem => ({ code: 'telemetry/cbor', message, reference: 'RFC 8949 section 3' })

class CborError extends Error {}

class CborReader {
  at = 0
  readonly #octets: Uint8Array
  readonly #view: DataView

  constructor(octets: Uint8Array) {
    this.#octets = octets
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  }

  value(depth: number): Value {
    const item = this.#item(depth)
    if (item === BREAK) throw new CborError(`a break at octet ${this.at} ends nothing`)
    return item as Value
  }

  #item(depth: number): Item {
    if (depth > MAX_DEPTH) throw new CborError(`nested more than ${MAX_DEPTH} deep`)
    const initial = this.#view.getUint8(this.at++)
    const major = initial >> 5
    const more = initial & 0x1f
    switch (major) {
      case UNSIGNED:
        return this.#argument(more)
      case NEGATIVE:
        return plain(-1n - BigInt(this.#argument(more)))
      case OCTETS:
        return Buffer.from(this.#string(major, more)).toString('base64')
      case TEXT:
        return this.#text(major, more)
      case LIST:
        return this.#list(more, depth)
      case MAP:
        return this.#map(more, depth)
      case TAG:
        return tagged(Number(this.#argument(more)), this.value(depth + 1))
      default:
        return this.#simple(more)
    }
  }

  #argument(more: number): number | bigint {
    if (more < 24) return more
    const from = this.at
    const octets = more < 28 ? 1 << (more - 24) : 0
    this.at += octets
    if (octets === 1) return this.#view.getUint8(from)
    if (octets === 2) return this.#view.getUint16(from)
    if (octets === 4) return this.#view.getUint32(from)
    if (octets === 8) {
      const high = this.#view.getUint32(from)
      return high < 2 ** 21 ? high * 2 ** 32 + this.#view.getUint32(from + 4) : this.#view.getBigUint64(from)
    }
    throw new CborError(`additional information ${more} at octet ${from - 1}`)
  }

  /** A length; never more than the octets that are left, each element has one at least. */
  #length(more: number): number {
    const length = this.#argument(more)
    if (length > this.#octets.length - this.at) throw new CborError(`${length} elements or octets do not follow`)
    return Number(length)
  }

  #text(major: number, more: number): string {
    const octets = this.#string(major, more)
    if (octets.length > SHORT_TEXT_OCTETS) return UTF8.decode(octets)
    let text = ''
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] as number
      if (octet > 0x7f) return UTF8.decode(octets)
      text += String.fromCharCode(octet)
    }
    return text
  }

  #string(major: number, more: number): Uint8Array {
    if (more !== INDEFINITE) {
      const length = this.#length(more)
      this.at += length
      return this.#octets.subarray(this.at - length, this.at)
    }
    const chunks: Uint8Array[] = []
    for (;;) {
      const initial = this.#view.getUint8(this.at++)
      if (initial === 0xff) return Buffer.concat(chunks)
      if (initial >> 5 !== major || (initial & 0x1f) === INDEFINITE) throw new CborError('a string of other types')
      chunks.push(this.#string(major, initial & 0x1f))
    }
  }

  #list(more: number, depth: number): Value[] {
    const list: Value[] = []
    const count = more === INDEFINITE ? Number.POSITIVE_INFINITY : this.#length(more)
    while (list.length < count) {
      const item = this.#item(depth + 1)
      if (item === BREAK) {
        if (more === INDEFINITE) break
        throw new CborError('a break within a list of known length')
      }
      list.push(item as Value)
    }
    return list
  }

  #map(more: number, depth: number): Value {
    const members: Members = {}
    const count = more === INDEFINITE ? Number.POSITIVE_INFINITY : this.#length(more)
    for (let read = 0; read < count; read++) {
      const name = this.#item(depth + 1)
      if (name === BREAK) {
        if (more === INDEFINITE) break
        throw new CborError('a break within a map of known length')
      }
      setMember(members, typeof name === 'object' ? JSON.stringify(name) : String(name), this.value(depth + 1))
    }
    return members
  }

  #simple(more: number): Item {
    const from = this.at
    if (more === 20 || more === 21) return more === 21
    if (more === 22 || more === 23) return null
    if (more === INDEFINITE) return BREAK
    if (more === 25) this.at += 2
    else if (more === 26) this.at += 4
    else if (more === 27) this.at += 8
    else throw new CborError(`simple value ${more}`)
    if (more === 25) return real(halfFloat(this.#view.getUint16(from)))
    return real(more === 26 ? this.#view.getFloat32(from) : this.#view.getFloat64(from))
  }
}

function plain(whole: bigint): number | bigint {
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : whole
}

/** JSON has no infinities. */
const real = (number: number): Value => (Number.isFinite(number) ? number : String(number))

/** RFC 8949 appendix D. */
function halfFloat(half: number): number {
  const exponent = (half >> 10) & 0x1f
  const mantissa = half & 0x3ff
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (mantissa + 1024) * 2 ** (exponent - 25)
}

/** Tags that change the JSON form; others (RFC 9254 section 9.3: enumeration, bits, identities) leave it as it is. */
function tagged(tag: number, value: Value): Value {
  if ((tag === UNSIGNED_BIGNUM || tag === NEGATIVE_BIGNUM) && typeof value === 'string' && value.length <= 64) {
    const whole = BigInt(`0x${Buffer.from(value, 'base64').toString('hex') || '0'}`)
    return plain(tag === UNSIGNED_BIGNUM ? whole : -1n - whole)
  }
  if (tag === DECIMAL_FRACTION && Array.isArray(value) && value.length === 2) return decimal(value) ?? value
  return value
}

/** decimal64 has 1 to 18 digits after the point; RFC 7951 writes it as text. */
function decimal([exponent, mantissa]: readonly Value[]): string | undefined {
  if (typeof exponent !== 'number' || exponent > 0 || exponent < -18) return undefined
  if (typeof mantissa !== 'number' && typeof mantissa !== 'bigint') return undefined
  const digits = String(mantissa)
    .replace('-', '')
    .padStart(1 - exponent, '0')
  const whole = digits.slice(0, digits.length + exponent)
  const sign = mantissa < 0 ? '-' : ''
  return exponent === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(exponent)}`
}
