// sink-redis against the real server.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'

const skip = without('redis-server')
const run = promisify(execFile)

interface Redis extends ComplianceServer {
  readonly address: string
  /** Lines of redis-cli's answer. */
  ask(...words: readonly string[]): Promise<string[]>
}

/** A server that has on disk what it acknowledged. */
async function redisServer(context: TestContext, ...more: readonly string[]): Promise<Redis> {
  const port = await freeTcpPort()
  const folder = scratch(context)
  const ask = async (...words: readonly string[]) => {
    const { stdout } = await run('redis-cli', ['-p', String(port), '--raw', ...words], { maxBuffer: 1 << 28 })
    return stdout.split('\n').slice(0, -1)
  }
  const server = new ServerProcess(context, {
    words: ['redis-server', '--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
      .concat(['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''])
      .concat(more),
    ready: async () => /PONG|NOAUTH/.test((await ask('PING')).join('')),
  })
  return {
    address: `127.0.0.1:${port}`,
    words: ['sink-redis', `127.0.0.1:${port}`, '--list', 'rows:$tag2'],
    ask,
    async start() {
      await server.start()
      await ask('SET', 'rows:1', 'no list')
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () =>
      (await ask('LRANGE', 'rows:none', '0', '-1')).filter(Boolean).map(line => parsedRecord(line) as NetRecord),
  }
}

sinkCompliance('sink-redis', {
  skip,
  make: context => redisServer(context),
  duplicates: 'never',
  refused: { record: n => ({ ...testRecord(n), tag2: 1 }) },
})

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')
const RECORDS = Array.from({ length: 10 }, (_, n) => testRecord(n))

describe('sink-redis', { skip }, () => {
  it('a stream by default, cut to about --keep', async context => {
    const redis = await redisServer(context, '--stream-node-max-entries', '10')
    await redis.start()
    const { status, stderr } = await netally(
      ['sink-redis', redis.address, '--keep', '50'],
      text(Array.from({ length: 500 }, (_, n) => testRecord(n))),
    )
    assert.equal(status, 0, stderr)
    const length = Number((await redis.ask('XLEN', 'netally'))[0])
    assert.ok(length >= 50 && length < 500, `${length}`)
    const [, field, line] = await redis.ask('XREVRANGE', 'netally', '+', '-', 'COUNT', '1')
    assert.equal(field, 'json')
    assert.deepEqual(parsedRecord(line as string), testRecord(499))
  })

  it('keys made of fields and the time of the record', async context => {
    const redis = await redisServer(context)
    await redis.start()
    const { status } = await netally(['sink-redis', redis.address, '--list', 'flows:$src_host:%Y%m%d'], text(RECORDS))
    assert.equal(status, 0)
    assert.deepEqual(
      (await redis.ask('KEYS', 'flows:*')).sort(),
      RECORDS.map((_, n) => `flows:192.0.2.${n}:20251124`).sort(),
    )
  })

  it('a password from the environment; a wrong one ends the command', async context => {
    const redis = await redisServer(context, '--requirepass', 'secret')

    await redis.start()
    const env = (password: string) => ({ env: { ...process.env, NETALLY_REDIS_PASSWORD: password } })
    const wrong = await netally(['sink-redis', redis.address, '--list', 'rows'], text(RECORDS), env('wrong'))
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /redis\/refused/)
    assert.match(wrong.stderr, /10 dropped \(not-sent\)/)
    const right = await netally(['sink-redis', redis.address, '--list', 'rows'], text(RECORDS), env('secret'))
    assert.equal(right.status, 0, right.stderr)
  })

  it('a key that holds something else: records are refused, not tried for ever', async context => {
    const redis = await redisServer(context)
    await redis.start()
    await redis.ask('SET', 'rows', 'text')
    const { status, stderr } = await netally(['sink-redis', redis.address, '--list', 'rows'], text(RECORDS))
    assert.equal(status, 1)
    assert.match(stderr, /the backend refused 10 records/)
  })
})
