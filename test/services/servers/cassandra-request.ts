// One CQL statement to a Cassandra server: native protocol version 4, as much of it as that needs.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const HANG_MS = 30_000
const HEADER_OCTETS = 9
const REQUEST = 0x04
const OPCODE = { error: 0x00, startup: 0x01, query: 0x07 }
/** Of a frame's flags. */
const WARNINGS = 0x08
const KIND_ROWS = 2
const CONSISTENCY_ONE = 1
const GLOBAL_TABLE = 1
const TYPE_CUSTOM = 0x00
const COLLECTIONS: { readonly [type: number]: number } = { 32: 1, 33: 2, 34: 1 }

const short = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const string = (text: string): Buffer => Buffer.concat([short(Buffer.byteLength(text)), Buffer.from(text)])

function frame(opcode: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_OCTETS)
  header[0] = REQUEST
  header[4] = opcode
  header.writeInt32BE(body.length, 5)
  return Buffer.concat([header, body])
}

function statementFrame(statement: string): Buffer {
  const text = Buffer.from(statement)
  const length = Buffer.alloc(4)
  length.writeInt32BE(text.length)
  return frame(OPCODE.query, Buffer.concat([length, text, short(CONSISTENCY_ONE), Buffer.from([0])]))
}

/** What the server warns of stands before the body: a count of texts. */
function withoutWarnings(body: Buffer): Buffer {
  const reader = new Reader(body)
  for (let left = reader.short(); left > 0; left--) reader.string()
  return reader.rest()
}

/** Frames one after the other. */
async function* frames(socket: Socket): AsyncGenerator<{ opcode: number; body: Buffer }> {
  let held = Buffer.alloc(0)
  for await (const chunk of socket) {
    held = Buffer.concat([held, chunk as Buffer])
    while (held.length >= HEADER_OCTETS) {
      const end = HEADER_OCTETS + held.readInt32BE(5)
      if (held.length < end) break
      const body = held.subarray(HEADER_OCTETS, end)
      yield { opcode: held[4] as number, body: (held[1] as number) & WARNINGS ? withoutWarnings(body) : body }
      held = held.subarray(end)
    }
  }
}

class Reader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  int(): number {
    this.#at += 4
    return this.#body.readInt32BE(this.#at - 4)
  }

  short(): number {
    this.#at += 2
    return this.#body.readUInt16BE(this.#at - 2)
  }

  octets(length: number): Buffer {
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }

  string(): string {
    return this.octets(this.short()).toString()
  }

  rest(): Buffer {
    return this.#body.subarray(this.#at)
  }

  /** Steps over the type of a column. */
  type(): void {
    const type = this.short()
    if (type === TYPE_CUSTOM) this.string()
    for (let inner = COLLECTIONS[type] ?? 0; inner > 0; inner--) this.type()
  }
}

/** Rows of `SELECT JSON`: one text column. Of anything else nothing. */
function rowsOf(body: Buffer): string[] {
  const reader = new Reader(body)
  if (reader.int() !== KIND_ROWS) return []
  const flags = reader.int()
  const columns = reader.int()
  if (flags & GLOBAL_TABLE) for (const _ of ['keyspace', 'table']) reader.string()
  for (let column = 0; column < columns; column++) {
    reader.string()
    reader.type()
  }
  return Array.from({ length: reader.int() }, () =>
    Array.from({ length: columns }, () => {
      const length = reader.int()
      return length < 0 ? '' : reader.octets(length).toString()
    }).join('\t'),
  )
}

/** Runs a statement; values of its rows as text, so ask for text: `SELECT JSON ...`. */
export async function cassandraRequest(address: string, port: number, statement: string): Promise<string> {
  const socket = connect(port, address).setTimeout(HANG_MS, () => socket.destroy(new Error('no answer')))
  try {
    await once(socket, 'connect')
    const options = Buffer.concat([short(1), string('CQL_VERSION'), string('3.0.0')])
    socket.write(Buffer.concat([frame(OPCODE.startup, options)]))
    let asked = false
    for await (const { opcode, body } of frames(socket)) {
      if (opcode === OPCODE.error) throw new Error(`Cassandra: ${body.subarray(6).toString()}`)
      if (asked) return rowsOf(body).join('\n')
      socket.write(statementFrame(statement))
      asked = true
    }
    throw new Error('Cassandra closed the connection')
  } finally {
    socket.destroy()
  }
}
