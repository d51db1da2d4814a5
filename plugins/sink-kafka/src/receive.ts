// Topics as a stream: JSON, Avro or datagrams.
import {
  type AvroCodec,
  AvroMessages,
  avroCodec,
  DatagramDecoder,
  type FindSchema,
  type Host,
  type MessageDecoder,
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

/** Schemas by the number that stands before each value; a registry is asked for each once. */
function registered(schemas: Registry): FindSchema {
  const codecs = new Map<number, AvroCodec>()
  return async octets => {
    if (octets.length < PREFIX_OCTETS || octets[0] !== MAGIC) return 'it has no number of a schema before it'
    const id = new DataView(octets.buffer, octets.byteOffset).getUint32(1)
    const codec = codecs.get(id) ?? (await avroCodec(await schemas.schema(id)))
    codecs.set(id, codec)
    return { codec, octets: octets.subarray(PREFIX_OCTETS) }
  }
}

async function decoderOf({ datagrams, registry }: RecvOptions, host: Host, wanted: Needs): Promise<MessageDecoder> {
  if (datagrams) return DatagramDecoder.open(datagrams, host, wanted)
  if (registry) return new AvroMessages(registered(new Registry(registry)), recordOfAvro, host)
  return new MessageLines(host)
}

export async function* openKafka(options: RecvOptions, host: Host, wanted: Needs): Stream {
  const decoder = await decoderOf(options, host, wanted)
  const { untilEnd } = options
  yield* receive({ area: 'kafka', connect: () => connectConsumer(options, host), decoder, untilEnd }, host)
}
