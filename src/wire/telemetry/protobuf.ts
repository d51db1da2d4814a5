// The wire format of Protocol Buffers: numbered fields, one after another (protobuf.dev/programming-guides/encoding).

/** How a field lies in the octets. */
export const WireType = { varint: 0, fixed64: 1, octets: 2, fixed32: 5 } as const
const LARGEST_VARINT_OCTETS = 10
/** So many octets of a varint are a number without loss: 49 bits. */
const EXACT_VARINT_OCTETS = 7
/** Texts that are no longer, and plain ASCII, need no TextDecoder. */
const SHORT_TEXT_OCTETS = 32

const utf8 = new TextDecoder()

/** Thrown by the reader for octets that are no message; what decodes messages makes a Problem of it. */
export class ProtobufError extends Error {}

/** Walks through the fields of a message; after `next` the field is there until the next one. */
export class ProtobufReader {
  /** Number of the field. */
  field = 0
  wireType = 0
  readonly #octets: Uint8Array
  readonly #limit: number
  #view: DataView | undefined
  #at: number
  #varint: number | bigint = 0
  #start = 0
  #end = 0

  /** Of octets start..end. */
  constructor(octets: Uint8Array, start = 0, end = octets.length) {
    this.#octets = octets
    this.#at = start
    this.#limit = end
  }

  /** Moves to the next field; false at the end. Throws a ProtobufError. */
  next(): boolean {
    if (this.#at >= this.#limit) return false
    const tag = Number(this.#readVarint())
    this.field = Math.floor(tag / 8)
    this.wireType = tag % 8
    if (this.field === 0) throw new ProtobufError(`a field without a number at octet ${this.#at}`)
    this.#start = this.#at
    if (this.wireType === WireType.varint) this.#varint = this.#readVarint()
    else this.#pass(this.#length())
    return true
  }

  /** uint32, uint64, bool, enum: a number where that is exact. */
  get whole(): number | bigint {
    this.#expect(WireType.varint)
    return this.#varint
  }

  get unsigned(): bigint {
    return BigInt(this.whole)
  }

  /** int32 and int64: negative ones are written as the 64-bit number that they are modulo 2^64. */
  get signed(): number | bigint {
    const value = this.whole
    return typeof value === 'number' ? value : exact(BigInt.asIntN(64, value))
  }

  /** sint32 and sint64: the sign is the lowest bit. */
  get zigzag(): number | bigint {
    const value = this.unsigned
    return exact(value & 1n ? -((value + 1n) >> 1n) : value >> 1n)
  }

  get double(): number {
    this.#expect(WireType.fixed64)
    return this.#data().getFloat64(this.#start, true)
  }

  /** With as many digits as it takes to tell it from other floats. */
  get float(): number {
    this.#expect(WireType.fixed32)
    return shortest(this.#data().getFloat32(this.#start, true))
  }

  get octets(): Uint8Array {
    this.#expect(WireType.octets)
    return this.#octets.subarray(this.#start, this.#end)
  }

  /** The octets of the field whatever its type; none for a varint. */
  get raw(): Uint8Array {
    return this.wireType === WireType.varint ? new Uint8Array(0) : this.#octets.subarray(this.#start, this.#end)
  }

  get text(): string {
    this.#expect(WireType.octets)
    if (this.#end - this.#start > SHORT_TEXT_OCTETS) return utf8.decode(this.octets)
    let text = ''
    for (let at = this.#start; at < this.#end; at++) {
      const octet = this.#octets[at] as number
      if (octet > 0x7f) return utf8.decode(this.octets)
      text += String.fromCharCode(octet)
    }
    return text
  }

  /** The message that the field is. */
  get message(): ProtobufReader {
    this.#expect(WireType.octets)
    return new ProtobufReader(this.#octets, this.#start, this.#end)
  }

  #data(): DataView {
    this.#view ??= new DataView(this.#octets.buffer, this.#octets.byteOffset, this.#octets.length)
    return this.#view
  }

  #expect(wireType: number): void {
    if (this.wireType === wireType) return
    throw new ProtobufError(`field ${this.field} has wire type ${this.wireType}, not ${wireType}`)
  }

  #length(): number {
    if (this.wireType === WireType.fixed64) return 8
    if (this.wireType === WireType.fixed32) return 4
    if (this.wireType !== WireType.octets) throw new ProtobufError(`wire type ${this.wireType} at octet ${this.#at}`)
    const length = Number(this.#readVarint())
    this.#start = this.#at
    return length
  }

  #pass(octets: number): void {
    this.#end = this.#start + octets
    if (this.#end > this.#limit) throw new ProtobufError(`field ${this.field} goes beyond the end`)
    this.#at = this.#end
  }

  #readVarint(): number | bigint {
    let value = 0
    let scale = 1
    const start = this.#at
    for (let count = 0; count < EXACT_VARINT_OCTETS; count++) {
      if (this.#at >= this.#limit) throw new ProtobufError('a number goes beyond the end')
      const octet = this.#octets[this.#at++] as number
      value += (octet & 0x7f) * scale
      if (octet < 0x80) return value
      scale *= 128
    }
    this.#at = start
    return this.#readLongVarint()
  }

  #readLongVarint(): number | bigint {
    let value = 0n
    for (let count = 0; count < LARGEST_VARINT_OCTETS; count++) {
      if (this.#at >= this.#limit) throw new ProtobufError('a number goes beyond the end')
      const octet = this.#octets[this.#at++] as number
      value |= BigInt(octet & 0x7f) << BigInt(7 * count)
      if (octet < 0x80) return exact(BigInt.asUintN(64, value))
    }
    throw new ProtobufError('a number of more than ten octets')
  }
}

/** A number where that is exact. */
function exact(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const FLOAT_DIGITS = [6, 7, 8] as const

function shortest(value: number): number {
  for (const digits of FLOAT_DIGITS) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
