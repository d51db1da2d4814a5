// Topics as a stream: JSON, Avro or datagrams.

import type { AvroCodec, Batch, FeedMessage, MessageDecoder } from 'netally'
import {
  avroCodec,
  DatagramDecoder,
  type Host,
  MessageLines,
  type Needs,
  receive,
  recordOfAvro,
  type Stream,
} from 'netally'
import { connectConsumer } from './consumer.ts'
import type { RecvOptions } from './recv-options.ts'
import { Registry } from './schemas.ts'

const MAGIC = 0
const PREFIX_OCTETS = 5

/** Messages with the number of a schema before them; those of a registry are asked for once. */
class RegisteredAvro implements MessageDecoder {
  readonly #lines: MessageLines
  readonly #registry: Registry
  readonly #codecs = new Map<number, AvroCodec>()

  constructor(registry: Registry, host: Host) {
    this.#lines = new MessageLines(host)
    this.#registry = registry
  }

  async *decode(messages: readonly FeedMessage[]): AsyncIterable<Batch> {
    for (const message of messages) await this.#add(message)
    yield* this.#lines.batches()
  }

  async #add(message: FeedMessage): Promise<void> {
    const { octets } = message
    if (octets.length < PREFIX_OCTETS || octets[0] !== MAGIC) {
      this.#lines.bad(message, 'it has no number of a schema before it')
      return
    }
    const id = new DataView(octets.buffer, octets.byteOffset).getUint32(1)
    const codec = this.#codecs.get(id) ?? (await avroCodec(await this.#registry.schema(id)))
    this.#codecs.set(id, codec)
    try {
      const record = recordOfAvro(codec.decode(octets.subarray(PREFIX_OCTETS)))
      if (record) this.#lines.addRecord(record)
      else this.#lines.bad(message, `schema ${id} is not of a record`)
    } catch (error) {
      this.#lines.bad(message, `it is not of schema ${id}: ${(error as Error).message}`)
    }
  }

  silence(ms: number): Batch | undefined {
    return this.#lines.silence(ms)
  }
}

async function decoderOf({ datagrams, registry }: RecvOptions, host: Host, wanted: Needs): Promise<MessageDecoder> {
  if (datagrams) return DatagramDecoder.open(datagrams, host, wanted)
  if (registry) return new RegisteredAvro(new Registry(registry), host)
  return new MessageLines(host)
}

export async function* openKafka(options: RecvOptions, host: Host, wanted: Needs): Stream {
  const decoder = await decoderOf(options, host, wanted)
  const { untilEnd } = options
  yield* receive({ area: 'kafka', connect: () => connectConsumer(options, host), decoder, untilEnd }, host)
}
