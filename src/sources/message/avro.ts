// Messages that are Avro: rows of a schema, one after another.
import type { Host } from '../../contract/host.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import type { FeedMessage, MessageDecoder } from './feed.ts'
import { MessageLines } from './lines.ts'

export interface AvroRows {
  /** All rows; throws for octets that are none. */
  decode(octets: Uint8Array): unknown[]
}

/** Says by which schema a message is read, and where its rows begin; a text says why by none. */
export type FindSchema = (
  octets: Uint8Array,
) => Promise<{ readonly codec: AvroRows; readonly octets: Uint8Array } | string>

export class AvroMessages implements MessageDecoder {
  readonly #lines: MessageLines
  readonly #find: FindSchema
  readonly #recordOf: (row: unknown) => NetRecord | undefined

  constructor(find: FindSchema, recordOf: (row: unknown) => NetRecord | undefined, host: Host) {
    this.#lines = new MessageLines(host)
    this.#find = find
    this.#recordOf = recordOf
  }

  async *decode(messages: readonly FeedMessage[]): AsyncIterable<Batch> {
    for (const message of messages) await this.#add(message)
    yield* this.#lines.batches()
  }

  async #add(message: FeedMessage): Promise<void> {
    const found = await this.#find(message.octets)
    if (typeof found === 'string') {
      this.#lines.bad(message, found)
      return
    }
    try {
      const records = found.codec.decode(found.octets).map(this.#recordOf)
      if (records.includes(undefined)) this.#lines.bad(message, 'its schema is not of a record')
      else for (const record of records) this.#lines.addRecord(record as NetRecord)
    } catch (error) {
      this.#lines.bad(message, `it is not of its schema: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  silence(ms: number): Batch | undefined {
    return this.#lines.silence(ms)
  }
}
