// How far a spool has been delivered, in a small file that a crash cannot spoil: two slots, written in turn, each with a
// checksum; the newer readable one holds.
import { closeSync, constants, fdatasync, openSync, readSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'

export interface Position {
  readonly segment: number
  readonly offset: number
}

const SLOT_OCTETS = 32
const BODY_AT = 8

function slot(generation: number, { segment, offset }: Position): Uint8Array {
  const octets = new Uint8Array(SLOT_OCTETS)
  const view = new DataView(octets.buffer)
  view.setFloat64(BODY_AT, generation, true)
  view.setFloat64(BODY_AT + 8, segment, true)
  view.setFloat64(BODY_AT + 16, offset, true)
  view.setUint32(0, crc32(octets.subarray(BODY_AT)), true)
  return octets
}

function readSlot(octets: Uint8Array): { generation: number; position: Position } | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, SLOT_OCTETS)
  if (view.getUint32(0, true) !== crc32(octets.subarray(BODY_AT, SLOT_OCTETS))) return undefined
  const number = (index: number) => view.getFloat64(BODY_AT + 8 * index, true)
  return { generation: number(0), position: { segment: number(1), offset: number(2) } }
}

export class PositionFile {
  readonly #fd: number
  #generation = 0
  /** Everything before it is delivered. */
  position: Position = { segment: 0, offset: 0 }

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666)
    const octets = new Uint8Array(2 * SLOT_OCTETS)
    readSync(this.#fd, octets, 0, octets.length, 0)
    for (const at of [0, SLOT_OCTETS]) {
      const read = readSlot(octets.subarray(at, at + SLOT_OCTETS))
      if (!read || read.generation <= this.#generation) continue
      this.#generation = read.generation
      this.position = read.position
    }
  }

  move(position: Position): void {
    this.position = position
    this.#generation++
    const octets = slot(this.#generation, position)
    writeSync(this.#fd, octets, 0, octets.length, (this.#generation % 2) * SLOT_OCTETS)
  }

  sync(): Promise<void> {
    return promisify(fdatasync)(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
