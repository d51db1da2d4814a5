// Records to NATS. With JetStream each message is acknowledged and has an id that is the same when its batch comes again.
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { type Backend, type DeliveryBatch, PermanentError, type Rejected } from 'netally'
import type { NatsOptions, StreamOptions } from './options.ts'

const CONNECT_MS = 10_000
const ACKNOWLEDGE_MS = 20_000
const NANOSECONDS = 1_000_000
/** A message that the server's limit does not let through is never taken. */
const TOO_LONG = 'the server takes no messages of this size'

const encoder = new TextEncoder()

/** Subject and octets of each record that can be sent. */
function* messages({ subject }: NatsOptions, batch: DeliveryBatch, longest: number, rejected: Rejected[]) {
  const { lines } = batch
  for (let index = 0; index < lines.length; index++) {
    const octets = encoder.encode(lines[index])
    if (octets.length > longest) rejected.push({ index, reason: TOO_LONG })
    else {
      const name = subject.isFixed ? subject.of({}, 0) : subject.of(batch.records[index] ?? {}, batch.takenMs)
      yield { index, subject: name, octets }
    }
  }
}

/** Core NATS: the server has what was published when it answers a ping. */
class CoreBackend implements Backend {
  readonly #connection: NatsConnection
  readonly #options: NatsOptions

  constructor(connection: NatsConnection, options: NatsOptions) {
    this.#connection = connection
    this.#options = options
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    const longest = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY
    for (const { subject, octets } of messages(this.#options, batch, longest, rejected)) {
      this.#connection.publish(subject, octets)
    }
    await this.#connection.flush()
    return rejected
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}

class StreamBackend implements Backend {
  readonly #connection: NatsConnection
  readonly #stream: JetStreamClient
  readonly #options: NatsOptions
  readonly #name: string

  constructor(connection: NatsConnection, options: NatsOptions, name: string) {
    this.#connection = connection
    this.#stream = jetstream(connection)
    this.#options = options
    this.#name = name
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    const longest = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY
    const expect = { streamName: this.#name }
    const published: Promise<unknown>[] = []
    for (const { index, subject, octets } of messages(this.#options, batch, longest, rejected)) {
      const msgID = `${batch.id}.${index}`
      published.push(this.#stream.publish(subject, octets, { msgID, timeout: ACKNOWLEDGE_MS, expect }))
    }
    const results = await Promise.allSettled(published)
    const failed = results.find(result => result.status === 'rejected')
    if (failed) throw this.#told(failed.reason)
    return rejected
  }

  /** The server answers a subject that no stream takes as if it had no JetStream. */
  #told(reason: unknown): unknown {
    if (!(reason instanceof Error) || reason.name !== 'JetStreamNotEnabled') return reason
    return new Error(`stream ${this.#name} does not take the subjects of --subject`)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}

/** Makes the stream where there is none. */
async function findStream(connection: NatsConnection, stream: StreamOptions, subjects: string): Promise<void> {
  const manager = await jetstreamManager(connection)
  try {
    await manager.streams.info(stream.name)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)) throw error
    await manager.streams.add({
      name: stream.name,
      subjects: [subjects],
      duplicate_window: stream.windowMs * NANOSECONDS,
      ...(stream.maxOctets > 0 ? { max_bytes: stream.maxOctets } : {}),
      ...(stream.maxAgeMs > 0 ? { max_age: stream.maxAgeMs * NANOSECONDS } : {}),
    })
  }
}

function permanent(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const isRefused = error.name === 'AuthorizationError' || error.name === 'UserAuthenticationExpiredError'
  if (isRefused) {
    return new PermanentError({
      code: 'nats/refused',
      message: `NATS refuses: ${error.message}`,
      hint: 'check --user and the password (--password-file, NETALLY_NATS_PASSWORD)',
    })
  }
  if (error.name === 'JetStreamNotEnabled' || (error instanceof JetStreamApiError && error.status < 500)) {
    return new PermanentError({
      code: 'nats/stream',
      message: `JetStream refuses the stream: ${error.message}`,
      hint: 'start the server with JetStream, or choose another --stream or --subject',
    })
  }
  return error
}

export async function connectNats(options: NatsOptions): Promise<Backend> {
  const { endpoints, user, password, tls, stream, subjects } = options
  const wanted: NodeConnectionOptions = {
    servers: endpoints.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    name: 'netally',
    timeout: CONNECT_MS,
    // The runtime connects anew, with its own pauses.
    reconnect: false,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(tls ? { tls } : {}),
  }
  let connection: NatsConnection | undefined
  try {
    connection = await connect(wanted)
    if (!stream) return new CoreBackend(connection, options)
    await findStream(connection, stream, subjects)
    return new StreamBackend(connection, options, stream.name)
  } catch (error) {
    await connection?.close()
    throw permanent(error)
  }
}
