// Side inputs of real processes: FIFO, unix socket, gzip, programs; live flows that wait, and a side that stays silent.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createWriteStream, openSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ended, netally, records, scratch, start } from '../support/cli.ts'
import { until } from '../support/stats.ts'

const route = (timestamp: number, ip_prefix: string, as: number) =>
  line({
    log_type: 'update',
    timestamp,
    peer_ip_src: '192.0.2.1',
    event_type: 'log',
    afi: 1,
    safi: 1,
    bgp_nexthop: '198.51.100.1',
    as_path: [as],
    ip_prefix,
  })
const endOfRib = (timestamp: number) =>
  line({ log_type: 'end-of-rib', timestamp, peer_ip_src: '192.0.2.1', event_type: 'log', afi: 1, safi: 1 })
const flow = (timestamp_arrival: number) => line({ timestamp_arrival, peer_ip_src: '192.0.2.1', ip_dst: '10.1.1.1' })
const line = (record: object): string => `${JSON.stringify(record)}\n`
const destinations = (text: string): unknown[] => records(text).map(({ as_dst }) => as_dst ?? null)

describe('side inputs', () => {
  it('a unix socket', async context => {
    const path = join(scratch(context), 'routes.sock')
    const server = createServer(socket => socket.end(route(100, '10.1.0.0/16', 64501)))
    context.after(() => server.close())
    await new Promise<void>(resolve => server.listen(path, resolve))
    const { stdout, stderr, status } = await netally(['enrich', '--bgp', `unix:${path}`], flow(50) + flow(150))
    assert.equal(status, 0, stderr)
    assert.deepEqual(destinations(stdout), [null, 64501])
  })

  it('a packed file, and several sources', async context => {
    const packed = join(scratch(context), 'routes.ndjson.gz')
    const plain = join(scratch(context), 'more.ndjson')
    writeFileSync(packed, gzipSync(route(100, '10.1.0.0/16', 64501)))
    writeFileSync(plain, route(200, '10.1.1.0/24', 64502).replace('192.0.2.1', '192.0.2.2'))
    const words = ['enrich', '--bgp', packed, '--bgp', plain]
    const input = flow(150) + flow(250) + flow(250).replace('192.0.2.1', '192.0.2.2')
    const { stdout, stderr, status } = await netally(words, input)
    assert.equal(status, 0, stderr)
    assert.deepEqual(destinations(stdout), [64501, 64501, 64502])
  })

  it('a program, in a line of run', async context => {
    const file = join(scratch(context), 'routes.ndjson')
    writeFileSync(file, route(100, '10.1.0.0/16', 64501))
    const words = ['run', '--stats', `enrich --bgp <(cat ${file} | filter "safi == 1") | aggregate --by as_dst --count`]
    const { stdout, stderr, status } = await netally(words, flow(50) + flow(150))
    assert.equal(status, 0, stderr)
    assert.deepEqual(destinations(stdout), [null, 64501])
    const stages = records(stderr).map(({ command, balance, out }) => [command, balance, out])
    assert.deepEqual(stages.slice(0, 3), [
      ['cat', 0, 1],
      ['filter', 0, 1],
      ['enrich', 0, 2],
    ])
  })

  it('a program that fails fails the line', async () => {
    const words = ['run', 'enrich --bgp <(false) | aggregate --by as_dst']
    const { stderr, status } = await netally(words, flow(50))
    assert.equal(status, 1)
    assert.match(stderr, /false ended with status 1 \[run\/program-failed\]/)
  })

  it('live flows wait for the end-of-RIB of a FIFO, and a FIFO that then stays silent does not hold the end', async context => {
    const fifo = join(scratch(context), 'routes.fifo')
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    const child = start(['enrich', '--bgp', fifo, '--wait-for', 'eor', '--stats'])
    let text = ''
    child.stdout?.on('data', chunk => {
      text += String(chunk)
    })
    const ending = ended(child)
    // Read and write: opening does not wait for the reader.
    const writer = createWriteStream('', { fd: openSync(fifo, 'r+') })
    context.after(() => writer.destroy())
    const now = () => Date.now() / 1000
    child.stdin?.write(flow(now()))
    writer.write(route(now(), '10.1.0.0/16', 64501))
    child.stdin?.write(flow(now()))
    assert.equal(text, '')
    writer.write(endOfRib(now()))
    await until(() => text.split('\n').length > 2)
    child.stdin?.end(flow(now()))
    const { stdout, stderr, status } = await ending
    assert.equal(status, 0, stderr)
    assert.deepEqual(destinations(stdout), [64501, 64501, 64501])
    const [stats] = records(stderr)
    assert.deepEqual([stats?.balance, stats?.held], [0, 0])
  })

  it('live flows do not wait longer than they are told', async context => {
    const fifo = join(scratch(context), 'routes.fifo')
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
    const writer = createWriteStream('', { fd: openSync(fifo, 'r+') })
    context.after(() => writer.destroy())
    const input = flow(Date.now() / 1000).repeat(3)
    const { stdout, stderr, status } = await netally(
      ['enrich', '--bgp', fifo, '--wait-for', 'eor', '--hold', '2'],
      input,
    )
    assert.equal(status, 0, stderr)
    assert.equal(records(stdout).length, 3)
    assert.match(stderr, /enrich\/hold-limit/)
  })
})
