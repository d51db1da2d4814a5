// sink-nats against the real server.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { startNats } from '../../../test/services/servers/nats.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { answers, ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord, until } from '../../../test/support/sink-compliance.ts'

const skip = without('nats-server')
/** Messages asked for at a time. */
const TOGETHER = 200
const LONGEST_MESSAGE = 4096

interface Nats extends ComplianceServer {
  readonly address: string
  /** Does something with a connection of its own. */
  use<Result>(work: (connection: NatsConnection) => Promise<Result>): Promise<Result>
}

interface Message {
  readonly subject: string
  readonly text: string
}

/** Everything that a stream keeps, in its order. */
async function messagesOf(connection: NatsConnection, stream: string): Promise<Message[]> {
  const { streams } = await jetstreamManager(connection)
  const { state } = await streams.info(stream)
  const messages: Message[] = []
  for (let at = state.first_seq; at <= state.last_seq && state.messages > 0; at += TOGETHER) {
    const count = Math.min(TOGETHER, state.last_seq - at + 1)
    const part = await Promise.all(Array.from({ length: count }, (_, n) => streams.getMessage(stream, { seq: at + n })))
    for (const message of part) if (message) messages.push({ subject: message.subject, text: message.string() })
  }
  return messages
}

async function natsServer(context: TestContext): Promise<Nats> {
  const port = await freeTcpPort()
  const folder = scratch(context)
  const configuration = join(folder, 'nats.conf')
  writeFileSync(configuration, `max_payload: ${LONGEST_MESSAGE}\njetstream { store_dir: "${folder}" }\n`)
  const server = new ServerProcess(context, {
    words: ['nats-server', '--addr', '127.0.0.1', '--port', String(port), '--config', configuration],
    ready: () => answers(port),
  })
  const address = `127.0.0.1:${port}`
  const use: Nats['use'] = async work => {
    const connection = await connect({ servers: address })
    try {
      return await work(connection)
    } finally {
      await connection.close()
    }
  }
  return {
    address,
    use,
    words: ['sink-nats', address, '--subject', 'flows.$tag', '--stream', 'FLOWS'],
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () =>
      (await use(connection => messagesOf(connection, 'FLOWS'))).map(({ text }) => parsedRecord(text) as NetRecord),
  }
}

sinkCompliance('sink-nats', {
  skip,
  make: natsServer,
  duplicates: 'never',
  refused: { record: n => ({ ...testRecord(n), label: 'x'.repeat(LONGEST_MESSAGE) }) },
})

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')
const RECORDS = Array.from({ length: 10 }, (_, n) => testRecord(n))

describe('sink-nats', { skip }, () => {
  it('subjects made of fields; messages in the order of the records', async context => {
    const nats = await natsServer(context)
    await nats.start()
    const words = ['sink-nats', nats.address, '--subject', 'flows.$src_host.%Y%m%d', '--stream', 'FLOWS']
    const { status, stderr } = await netally(words, text(RECORDS))
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      await nats.use(connection => messagesOf(connection, 'FLOWS')),
      RECORDS.map((record, n) => ({ subject: `flows.192_0_2_${n}.20251124`, text: jsonText(record) })),
    )
  })

  it('a stream that is made has the limits asked for; one that is there stays as it is', async context => {
    const nats = await natsServer(context)
    await nats.start()
    const words = ['sink-nats', nats.address, '--subject', 'flows', '--stream', 'FLOWS', '--stream-size', '1M']
    const configured = () =>
      nats.use(async connection => (await (await jetstreamManager(connection)).streams.info('FLOWS')).config)
    await netally([...words, '--stream-age', '7d'], text(RECORDS))
    const made = await configured()
    assert.deepEqual(
      [made.max_bytes, made.max_age, made.duplicate_window, made.subjects],
      [1 << 20, 7 * 86_400 * 1e9, 600 * 1e9, ['flows']],
    )
    const again = await netally([...words, '--stream-age', '1d'], text(RECORDS))
    assert.equal(again.status, 0, again.stderr)
    assert.deepEqual(await configured(), made)
  })

  it('subjects that the stream does not take: told, and given up in time', async context => {
    const nats = await natsServer(context)
    await nats.start()
    await netally(['sink-nats', nats.address, '--subject', 'flows', '--stream', 'FLOWS'], text(RECORDS))
    const { status, stderr } = await netally(
      ['sink-nats', nats.address, '--subject', 'routes', '--stream', 'FLOWS', '--give-up-after', '1s'],
      text(RECORDS),
    )
    assert.equal(status, 1)
    assert.match(stderr, /stream FLOWS does not take the subjects/)
  })

  it('without a stream: who listens gets every record', async context => {
    const nats = await natsServer(context)
    await nats.start()
    await nats.use(async connection => {
      const heard: string[] = []
      connection.subscribe('flows.>', { callback: (_error, message) => void heard.push(message.string()) })
      await connection.flush()
      const many = Array.from({ length: 2000 }, (_, n) => testRecord(n))
      const { status, stderr } = await netally(['sink-nats', nats.address, '--subject', 'flows.$tag'], text(many))
      assert.equal(status, 0, stderr)
      await until(() => heard.length >= many.length)
      assert.deepEqual(
        heard.map(line => parsedRecord(line)),
        many,
      )
    })
  })

  it('TLS and a password; a wrong one ends the command', async context => {
    const server = await startNats(context, { tls: true })
    if (isSkipped(server)) return context.skip(server.skipped)
    const { user = '', password = '' } = server.credentials ?? {}
    const words = [
      'sink-nats',
      server.url,
      '--user',
      user,
      '--tls-ca',
      server.certificates?.ca ?? '',
      '--stream',
      'FLOWS',
    ]
    const as = (secret: string) =>
      netally(words, text(RECORDS), { env: { ...process.env, NETALLY_NATS_PASSWORD: secret } })
    const right = await as(password)
    assert.equal(right.status, 0, right.stderr)
    assert.match(await server.query('$JS.API.STREAM.INFO.FLOWS'), /"messages":10,/)
    const wrong = await as('wrong')
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /nats\/refused/)
  })
})
