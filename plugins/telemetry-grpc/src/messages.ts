// The messages of the .proto files in proto/, for reading and writing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'

const FOLDER = join(import.meta.dirname, '..', 'proto')

/** A message that is written and read; 64-bit numbers come as Long. */
export interface MessageType<Message> {
  /** Throws for octets that are no such message. */
  decode(octets: Uint8Array): Message
  /** Takes the members that are there; enumerations by number, 64-bit numbers also as text. */
  encode(message: object): Buffer
}

/** The messages of one file. */
export class Messages {
  readonly #name: string
  readonly #root = new protobuf.Root()

  /** `name`: of the file, and of its package. */
  constructor(name: string) {
    this.#name = name
    protobuf.parse(readFileSync(join(FOLDER, `${name}.proto`), 'utf8'), this.#root, { keepCase: true })
    this.#root.resolveAll()
  }

  type<Message>(name: string): MessageType<Message> {
    const type = this.#root.lookupType(`${this.#name}.${name}`)
    return {
      decode: octets => type.decode(octets) as unknown as Message,
      encode: message => Buffer.from(type.encode(type.fromObject(message)).finish()),
    }
  }
}
