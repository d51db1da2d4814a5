// A queue as a stream: JSON, Avro or datagrams.
import {
  AvroMessages,
  avroCodec,
  DatagramDecoder,
  type Host,
  type MessageDecoder,
  MessageLines,
  type Needs,
  receive,
  recordOfAvro,
  type Stream,
} from 'netally'
import { connectConsumer } from './consumer.ts'
import type { RecvOptions } from './options.ts'

async function decoderOf({ datagrams, schema }: RecvOptions, host: Host, wanted: Needs): Promise<MessageDecoder> {
  if (datagrams) return DatagramDecoder.open(datagrams, host, wanted)
  if (schema === undefined) return new MessageLines(host)
  const codec = await avroCodec(schema)
  return new AvroMessages(async octets => ({ codec, octets }), recordOfAvro, host)
}

export async function* openAmqp(options: RecvOptions, host: Host, wanted: Needs): Stream {
  const decoder = await decoderOf(options, host, wanted)
  const { untilEnd } = options
  yield* receive({ area: 'amqp', connect: () => connectConsumer(options, host), decoder, untilEnd }, host)
}
