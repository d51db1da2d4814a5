// The wire format of Protocol Buffers: numbered fields, one after another (protobuf.dev/programming-guides/encoding).

/** How a field lies in the octets. */
export const WireType = { varint: 0, fixed64: 1, octets: 2, fixed32: 5 } as const
const LARGEST_VARINT_OCTETS = 10

/** Thrown by the reader for octets that are no message; what decodes messages makes a Problem of it. */
export class ProtobufError extends Error {}

/** Walks through the fields of a message; after `next` the field is there until the next one. */
export class ProtobufReader {
  /** Number of the field. */
  field = 0
  wireType = 0
  readonly #octets: Uint8Array
  readonly #view: DataView
  #at = 0
  #varint = 0n
  #start = 0
  #end = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  }

  /** Moves to the next field; false at the end. Throws a ProtobufError. */
  next(): boolean {
    if (this.#at >= this.#octets.length) return false
    const tag = Number(this.#readVarint())
    this.field = Math.floor(tag / 8)
    this.wireType = tag % 8
    if (this.field === 0) throw new ProtobufError(`a field without a number at octet ${this.#at}`)
    this.#start = this.#at
    if (this.wireType === WireType.varint) this.#varint = this.#readVarint()
    else this.#pass(this.#length())
    return true
  }

  get unsigned(): bigint {
    this.#expect(WireType.varint)
    return this.#varint
  }

  /** sint32 and sint64: the sign is the lowest bit. */
  get zigzag(): bigint {
    const value = this.unsigned
    return value & 1n ? -((value + 1n) >> 1n) : value >> 1n
  }

  get double(): number {
    this.#expect(WireType.fixed64)
    return this.#view.getFloat64(this.#start, true)
  }

  get float(): number {
    this.#expect(WireType.fixed32)
    return this.#view.getFloat32(this.#start, true)
  }

  get octets(): Uint8Array {
    this.#expect(WireType.octets)
    return this.#octets.subarray(this.#start, this.#end)
  }

  get text(): string {
    return new TextDecoder().decode(this.octets)
  }

  #expect(wireType: number): void {
    if (this.wireType === wireType) return
    throw new ProtobufError(`field ${this.field} has wire type ${this.wireType}, not ${wireType}`)
  }

  #length(): number {
    if (this.wireType === WireType.fixed64) return 8
    if (this.wireType === WireType.fixed32) return 4
    if (this.wireType !== WireType.octets) throw new ProtobufError(`wire type ${this.wireType} at octet ${this.#at}`)
    const length = this.#readVarint()
    this.#start = this.#at
    return length > BigInt(this.#octets.length) ? Number.POSITIVE_INFINITY : Number(length)
  }

  #pass(octets: number): void {
    this.#end = this.#start + octets
    if (this.#end > this.#octets.length) throw new ProtobufError(`field ${this.field} goes beyond the end`)
    this.#at = this.#end
  }

  #readVarint(): bigint {
    let value = 0n
    for (let count = 0; count < LARGEST_VARINT_OCTETS; count++) {
      const octet = this.#octets[this.#at++]
      if (octet === undefined) throw new ProtobufError('a number goes beyond the end')
      value |= BigInt(octet & 0x7f) << BigInt(7 * count)
      if (octet < 0x80) return BigInt.asUintN(64, value)
    }
    throw new ProtobufError('a number of more than ten octets')
  }
}
