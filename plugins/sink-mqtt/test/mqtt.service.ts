// sink-mqtt against a real broker, with a subscriber that notes what it hears.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { connect, type MqttClient } from 'mqtt'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { startMosquitto } from '../../../test/services/servers/mosquitto.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { answers, ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord, until } from '../../../test/support/sink-compliance.ts'

const skip = without('mosquitto')
const LONGEST_PACKET = 8192

interface Heard {
  readonly topic: string
  readonly text: string
  readonly retained: boolean
}

let subscribers = 0

/** A session that outlives connections and the broker, so that nothing that the broker acknowledged passes it by. */
class Subscriber {
  readonly #client: MqttClient
  readonly heard: Heard[] = []
  #marks = 0

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('error', () => {})
    client.on('message', (topic, payload, { retain }) => {
      this.heard.push({ topic, text: payload.toString(), retained: retain })
    })
  }

  static async on(context: TestContext, port: number, topic: string): Promise<Subscriber> {
    const client = connect({
      ...{
        host: '127.0.0.1',
        port,
        protocolVersion: 5,
        clientId: `listener-${++subscribers}`,
        clean: false,
        reconnectPeriod: 100,
      },
      properties: { sessionExpiryInterval: 3600, receiveMaximum: 65_535 },
    })
    context.after(() => client.end(true))
    const subscriber = new Subscriber(client)
    await client.subscribeAsync([topic, 'mark'], { qos: 2 })
    return subscriber
  }

  /** What was heard when a message that is published now has come. */
  async all(): Promise<readonly Heard[]> {
    const mark = `mark ${++this.#marks}`
    await this.#client.publishAsync('mark', mark, { qos: 1 })
    await until(() => this.heard.some(({ text }) => text === mark))
    return this.heard.filter(({ topic }) => topic !== 'mark')
  }
}

interface Broker extends ComplianceServer {
  readonly address: string
  readonly port: number
}

const LINES = [
  ...['allow_anonymous true', 'persistence true', 'autosave_on_changes true', 'autosave_interval 1'],
  ...['max_queued_messages 0', 'max_inflight_messages 0', `max_packet_size ${LONGEST_PACKET}`],
]

/** A broker that has on disk what it acknowledged, but for what a subscriber has heard already. */
async function mosquitto(context: TestContext, ...more: readonly string[]): Promise<Broker> {
  const port = await freeTcpPort()
  const folder = mkdtempSync(join(tmpdir(), 'netally-mosquitto-'))
  const configuration = join(folder, 'mosquitto.conf')
  const own = [`listener ${port} 127.0.0.1`, `persistence_location ${folder}/`, 'user root']
  writeFileSync(configuration, `${[...own, ...LINES, ...more].join('\n')}\n`)
  const server = new ServerProcess(context, {
    words: ['mosquitto', '-c', configuration],
    ready: () => answers(port),
  })
  // Not before the broker has ended, which writes there until then.
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  // The subscription is on disk before a sink can be there that waits for the broker: nobody keeps what has no subscriber.
  await server.start()
  const subscriber = await Subscriber.on(context, port, 'flows')
  await server.stop()
  return {
    address: `127.0.0.1:${port}`,
    port,
    words: ['sink-mqtt', `127.0.0.1:${port}`, '--topic', 'flows'],
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () => (await subscriber.all()).map(({ text }) => parsedRecord(text) as NetRecord),
  }
}

sinkCompliance('sink-mqtt', {
  skip,
  make: context => mosquitto(context),
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), label: 'x'.repeat(LONGEST_PACKET) }) },
})

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')
const RECORDS = Array.from({ length: 10 }, (_, n) => testRecord(n))

describe('sink-mqtt', { skip }, () => {
  for (const version of ['3.1.1', '5']) {
    for (const qos of ['0', '1', '2']) {
      it(`MQTT ${version}, --qos ${qos}: every record once, in order, on topics made of fields`, async context => {
        const broker = await mosquitto(context)
        await broker.start()
        const subscriber = await Subscriber.on(context, broker.port, 'flows/#')
        const many = Array.from({ length: 1200 }, (_, n) => testRecord(n))
        const { status, stderr } = await netally(
          ['sink-mqtt', broker.address, '--topic', 'flows/$ip_proto', '--qos', qos, '--mqtt-version', version],
          text(many),
        )
        assert.equal(status, 0, stderr)
        await until(() => subscriber.heard.length >= many.length)
        const heard = await subscriber.all()
        assert.deepEqual([...new Set(heard.map(({ topic }) => topic))], ['flows/tcp'])
        assert.deepEqual(
          heard.map(({ text: line }) => parsedRecord(line)),
          many,
        )
      })
    }
  }

  it('--retain: who comes later hears the last of each topic', async context => {
    const broker = await mosquitto(context)
    await broker.start()
    await netally(
      ['sink-mqtt', broker.address, '--topic', 'last/$src_host', '--retain'],
      text([...RECORDS, ...RECORDS]),
    )
    const subscriber = await Subscriber.on(context, broker.port, 'last/#')
    await until(() => subscriber.heard.length >= RECORDS.length)
    const heard = await subscriber.all()
    assert.deepEqual(
      heard.map(({ text: line }) => parsedRecord(line) as NetRecord).sort((a, b) => Number(a?.tag) - Number(b?.tag)),
      RECORDS,
    )
    assert.ok(heard.every(({ retained }) => retained))
  })

  it('topics that the broker does not let us write are refused, one by one', async context => {
    const rules = join(scratch(context), 'acl')
    writeFileSync(rules, 'topic readwrite flows/plain\ntopic read #\ntopic readwrite mark\n')
    chmodSync(rules, 0o600)
    const broker = await mosquitto(context, `acl_file ${rules}`, 'max_queued_messages 1000')
    await broker.start()
    const { status, stderr } = await netally(['sink-mqtt', broker.address, '--topic', 'flows/$label'], text(RECORDS))
    assert.equal(status, 1)
    assert.match(stderr, /the backend refused 4 of 10 records/)
    assert.match(stderr, /[Nn]ot authorized/)
  })

  it('TLS and a password; a wrong one ends the command', async context => {
    const server = await startMosquitto(context, { tls: true })
    if (isSkipped(server)) return context.skip(server.skipped)
    const { user = '', password = '' } = server.credentials ?? {}
    const ca = server.certificates?.ca ?? ''
    const words = ['sink-mqtt', server.url, '--user', user, '--tls-ca', ca, '--topic', 'flows', '--retain']
    const as = (secret: string) =>
      netally(words, text(RECORDS), { env: { ...process.env, NETALLY_MQTT_PASSWORD: secret } })
    const right = await as(password)
    assert.equal(right.status, 0, right.stderr)
    assert.deepEqual(parsedRecord((await server.query('flows')).trim()), RECORDS[9])
    const wrong = await as('wrong')
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /mqtt\/refused/)
  })
})
