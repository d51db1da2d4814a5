// Records to an MQTT broker: a message each, and a batch is done when all are acknowledged.
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { type Backend, type DeliveryBatch, PermanentError, type Rejected } from 'netally'
import type { MqttOptions } from './options.ts'

const CONNECT_MS = 10_000
/** Return codes of CONNACK that another attempt does not mend (MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2). */
const REFUSED: ReadonlySet<number> = new Set([1, 2, 4, 5, 0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c])
/** Reason codes of PUBACK and PUBREC that refuse this one message (MQTT 5 section 3.4.2.1). */
const REFUSED_MESSAGE: ReadonlySet<number> = new Set([0x83, 0x87, 0x90, 0x99])
/** Fixed header, lengths and properties of a PUBLISH besides its topic and payload. */
const PUBLISH_OCTETS = 64

const codeOf = (error: unknown): number =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0

class MqttBackend implements Backend {
  readonly #client: MqttClient
  readonly #options: MqttOptions
  readonly #longest: number

  constructor(client: MqttClient, options: MqttOptions, longest: number) {
    this.#client = client
    this.#options = options
    this.#longest = longest
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { topic, quality, retain } = this.#options
    const { lines } = batch
    const rejected: Rejected[] = []
    const publish = async (line: string, index: number): Promise<void> => {
      const name = topic.isFixed ? topic.of({}, 0) : topic.of(batch.records[index] ?? {}, batch.takenMs)
      if (Buffer.byteLength(line) + Buffer.byteLength(name) + PUBLISH_OCTETS > this.#longest) {
        rejected.push({ index, reason: `longer than the broker's maximum packet of ${this.#longest} octets` })
        return
      }
      try {
        await this.#client.publishAsync(name, line, { qos: quality, retain })
      } catch (error) {
        if (!REFUSED_MESSAGE.has(codeOf(error))) throw error
        rejected.push({ index, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    const results = await Promise.allSettled(lines.map(publish))
    const failed = results.find(result => result.status === 'rejected')
    if (failed) throw failed.reason
    return rejected
  }

  async close(): Promise<void> {
    const { connected } = this.#client
    await this.#client.endAsync(!connected)
  }
}

function permanent(error: unknown): unknown {
  if (!REFUSED.has(codeOf(error))) return error
  return new PermanentError({
    code: 'mqtt/refused',
    message: `the broker refuses: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'check --user, the password (--password-file, NETALLY_MQTT_PASSWORD), --client-id and --mqtt-version',
  })
}

export async function connectMqtt(options: MqttOptions): Promise<Backend> {
  const { endpoint, user, password, tls, clientId, version } = options
  const wanted: IClientOptions = {
    protocol: tls ? 'mqtts' : 'mqtt',
    host: endpoint.host,
    port: endpoint.port,
    protocolVersion: version,
    connectTimeout: CONNECT_MS,
    // The runtime connects anew, with its own pauses.
    reconnectPeriod: 0,
    queueQoSZero: false,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(clientId === undefined ? {} : { clientId }),
    ...tls,
  }
  const client = connect(wanted)
  // Errors come with the publishes that failed; without a listener they would end the process.
  client.on('error', () => {})
  try {
    return new MqttBackend(client, options, await longestPacket(client))
  } catch (error) {
    client.end(true)
    throw permanent(error)
  }
}

/** Resolves when the broker has taken us, with the octets that it takes in one packet. */
function longestPacket(client: MqttClient): Promise<number> {
  return new Promise((resolve, reject) => {
    client.once('error', reject)
    client.once('close', () => reject(new Error('the broker closed the connection')))
    client.once('connect', ({ properties }) => resolve(properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY))
  })
}
