import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ProblemError } from '../../src/contract/problem.ts'
import { type Batch, type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { MAX_ROUTES } from '../../src/lookup/route-table.ts'
import { DUMP_DEFAULTS, type DumpOptions, dump, type TableOptions } from '../../src/sinks/dump.ts'
import { runProgram, without } from '../services/programs.ts'
import { isInstalled, records, scratch } from '../support/cli.ts'
import { batchesOf, streamOf, TestHost } from '../support/test-host.ts'

const TABLE: TableOptions = {
  spreadMs: 0,
  maxRoutes: MAX_ROUTES,
  maxLeaves: 1000,
  maxAgeMs: 0,
  withoutStatistics: false,
}

const START = 1767225600

const route = (number: number, more: NetRecord = {}): NetRecord => ({
  seq: number,
  log_type: 'update',
  timestamp: START,
  peer_ip_src: '192.0.2.1',
  event_type: 'log',
  afi: 1,
  safi: 1,
  ip_prefix: `10.${number >> 8}.${number & 255}.0/24`,
  bgp_nexthop: '192.0.2.9',
  as_path: [64496, 64497 + (number % 7)],
  origin: 'i',
  ...more,
})

async function run(input: Stream, options: Partial<DumpOptions>, table: Partial<TableOptions> = {}): Promise<TestHost> {
  const host = new TestHost()
  await dump.drain(input, { ...DUMP_DEFAULTS, ...options, table: { ...TABLE, ...table } }, host)
  return host
}

const read = (file: string): Record<string, unknown>[] => records(readFileSync(file, 'utf8'))

describe('dump --table', () => {
  it('does not hold the stream while it writes, and does not lose a record', async context => {
    const folder = scratch(context)
    const events: string[] = []
    async function* input(): Stream {
      yield* streamOf(Array.from({ length: 20_000 }, (_, number) => route(number)))
      for (let minute = 1; minute < 4; minute++) {
        events.push(`minute ${minute} ${readdirSync(folder).filter(name => !name.startsWith('.')).length}`)
        const timestamp = START + 60 * minute
        yield recordBatch([route(minute, { timestamp, log_type: 'withdraw' })], timestamp * 1000)
      }
    }
    const host = await run(input(), { file: join(folder, '%H%M.json'), everyMs: 60_000 })
    // The stream was asked for more while the dump of minute 1 was being written.
    assert.deepEqual(events, ['minute 1 0', 'minute 2 0', 'minute 3 1'])
    const names = readdirSync(folder).sort()
    assert.deepEqual(names, ['0001.json', '0002.json', '0003.json'])
    const lengths = names.map(name => read(join(folder, name)).length - 2)
    // The last one is the state at the end, which takes the place of that at minute 3.
    assert.deepEqual(lengths, [20_000, 19_999, 19_997])
    const { created = 0, merged = 0, out = 0 } = host.counters
    assert.deepEqual([merged, out], [20_003, created])
  })

  it('spreads a dump until the next one is due', async context => {
    const folder = scratch(context)
    const minutes = [0, 1, 2].map(minute =>
      Array.from({ length: 3000 }, (_, number) => route(number, { timestamp: START + 60 * minute })),
    )
    const before = performance.now()
    await run(streamOf(minutes.flat()), { file: join(folder, '%H%M.json'), everyMs: 60_000 }, { spreadMs: 3_600_000 })
    assert.ok(performance.now() - before < 60_000)
    assert.deepEqual(readdirSync(folder).sort(), ['0001.json', '0002.json'])
    assert.equal(read(join(folder, '0001.json')).length, 3002)
  })

  it('a silent input has dumps too', async context => {
    const folder = scratch(context)
    const heartbeat = (seconds: number): Batch => recordBatch([], (START + seconds) * 1000)
    const input = batchesOf(recordBatch([route(1)], START * 1000), heartbeat(30), heartbeat(61), heartbeat(125))
    await run(input, { file: join(folder, '%H%M.json'), everyMs: 60_000 })
    assert.deepEqual(readdirSync(folder).sort(), ['0001.json', '0002.json'])
    assert.deepEqual(
      read(join(folder, '0002.json')).map(({ event_type, timestamp }) => [event_type, timestamp]),
      ['dump_init', 'dump', 'dump_close'].map(type => [type, START + 120]),
    )
  })

  it('a file for each peer, and a link to its last', async context => {
    const folder = scratch(context)
    const input = streamOf([route(1), route(2, { peer_ip_src: '192.0.2.2' })])
    const file = join(folder, '$peer_src_ip-%s.json')
    await run(input, { file, latest: join(folder, '$peer_src_ip.json') })
    const latest = join(folder, '192.0.2.2.json')
    assert.equal(readlinkSync(latest), `192.0.2.2-${START}.json`)
    assert.deepEqual(
      read(latest).map(({ event_type }) => event_type),
      ['dump_init', 'dump', 'dump_close'],
    )
  })

  it('one name: the next dump takes the place of the last', async context => {
    const file = join(scratch(context), 'table.json')
    const input = streamOf([route(1), route(2, { timestamp: START + 300 }), route(3, { timestamp: START + 600 })])
    const host = await run(input, { file, everyMs: 300_000 })
    assert.equal(host.counters.tables, 3)
    assert.equal(read(file).at(-1)?.entries, 3)
    assert.equal(read(file).length, 5)
  })

  it('is csv as well', async context => {
    const file = join(scratch(context), 'table.csv')
    await run(streamOf([route(1)]), { file, format: 'csv', fields: ['ip_prefix', 'bgp_nexthop', 'as_path'] })
    assert.match(
      readFileSync(file, 'utf8'),
      /^ip_prefix,bgp_nexthop,as_path\n(.*\n)*10\.0\.1\.0\/24,192\.0\.2\.9,64496/,
    )
  })

  it('begins with the last dump, gz too; statistics may be left out', async context => {
    const folder = scratch(context)
    const last = join(folder, 'last.json.gz')
    const first = join(folder, 'first.json')
    const stats = {
      event_type: 'log',
      timestamp: START,
      bmp_router: '192.0.2.1',
      bmp_msg_type: 'stats',
      counter_type: 7,
    }
    await run(streamOf([route(1), stats]), { file: first })
    writeFileSync(last, gzipSync(readFileSync(first)))
    const again = join(folder, 'again.json')
    const host = await run(streamOf([]), { file: again }, { restore: last, withoutStatistics: true })
    const keys = ({ event_type, ip_prefix, bmp_msg_type }: Record<string, unknown>) => [
      event_type,
      ip_prefix ?? bmp_msg_type,
    ]
    assert.deepEqual(read(first).map(keys), [
      ['dump_init', undefined],
      ['dump', '10.0.1.0/24'],
      ['dump_close', undefined],
      ['dump_init', undefined],
      ['dump', 'stats'],
      ['dump_close', undefined],
    ])
    assert.deepEqual(
      read(again).map(keys),
      read(first)
        .filter(({ bmp_msg_type }) => !bmp_msg_type)
        .map(keys),
    )
    assert.deepEqual([host.counters.restored, host.counters.merged], [1, undefined])
  })

  it('nothing to restore is a note', async context => {
    const folder = scratch(context)
    const host = await run(streamOf([route(1)]), { file: join(folder, 'x.json') }, { restore: join(folder, 'none') })
    assert.deepEqual(host.codes, ['dump/nothing-to-restore'])
  })

  it('tells when it cannot write', async context => {
    const file = join(scratch(context), 'file')
    writeFileSync(file, '')
    const failed = run(streamOf([route(1)]), { file: join(file, 'table.json') })
    await assert.rejects(failed, ({ problem }: ProblemError) => problem.code === 'dump/write-failed')
  })
})

async function ask(path: string, line: string): Promise<string> {
  const socket = connect(path)
  socket.write(line)
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

describe('dump --table --serve', () => {
  it('answers questions while the stream runs', async context => {
    const folder = scratch(context)
    const path = join(folder, 'rib.sock')
    const answers: string[] = []
    async function* input(): Stream {
      yield recordBatch([route(1), route(2)], START * 1000)
      answers.push(await ask(path, '{"prefix":"10.0.2.77","match":"longest"}\n'))
      yield recordBatch([route(2, { log_type: 'withdraw' })], START * 1000)
      answers.push(await ask(path, '{"prefix":"10.0.2.77","match":"longest"}\n'))
      answers.push(await ask(path, '{"peers":true}\n'))
      answers.push(await ask(path, 'hello\n'), await ask(path, 'x'.repeat(10_000)))
    }
    await run(input(), { file: join(folder, 'x.json') }, { serve: path })
    assert.deepEqual(
      answers.map(answer => records(answer).map(({ ip_prefix, entries, error }) => ip_prefix ?? entries ?? error)),
      [['10.0.2.0/24'], [], [1], ['this is no question'], ['this is no question']],
    )
    assert.ok(!existsSync(path))
  })

  it('does not touch a file that is no socket', async context => {
    const folder = scratch(context)
    const path = join(folder, 'precious')
    writeFileSync(path, 'data')
    const failed = run(streamOf([]), { file: join(folder, 'x.json') }, { serve: path })
    await assert.rejects(failed, ({ problem }: ProblemError) => problem.code === 'dump/cannot-serve')
    assert.equal(readFileSync(path, 'utf8'), 'data')
  })
})

describe('dump --table --format mrt', () => {
  const skip = !isInstalled('bgpdump') && 'bgpdump is not installed'

  it('bgpdump reads it', { skip }, async context => {
    const file = join(scratch(context), 'table.mrt')
    const vpn = route(4, { safi: 128, rd: '0:1:1' })
    const odd = route(3, { comms: ['64496:1', 'no-export'], ecomms: ['no such community'], local_pref: 200 })
    const input = [route(2), route(2, { peer_ip_src: '192.0.2.2', as_path: [1, '{2,3}'] }), odd, vpn]
    const host = await run(streamOf(input), { file, format: 'mrt' })
    const { stdout } = spawnSync('bgpdump', ['-m', file], { encoding: 'utf8' })
    assert.deepEqual(stdout.trim().split('\n'), [
      `TABLE_DUMP2|${START}|B|192.0.2.1|0|10.0.2.0/24|64496 64499|IGP|192.0.2.9|0|0||NAG||`,
      `TABLE_DUMP2|${START}|B|192.0.2.2|0|10.0.2.0/24|1 {2,3}|IGP|192.0.2.9|0|0||NAG||`,
      `TABLE_DUMP2|${START}|B|192.0.2.1|0|10.0.3.0/24|64496 64500|IGP|192.0.2.9|200|0|64496:1 no-export|NAG||`,
    ])
    const { mrt_routes_left_out, mrt_attributes_left_out } = host.counters
    assert.deepEqual([mrt_routes_left_out, mrt_attributes_left_out], [1, 1])
    assert.deepEqual(host.codes, ['dump/not-in-mrt'])
  })

  it('bgpctl of OpenBGPD reads routes of VPNs', { skip: without('bgpctl') }, async context => {
    const file = join(scratch(context), 'table.mrt')
    const four = { safi: 128, rd: '0:64500:4', mpls_label: 600, ecomms: ['RT:64500:3', 'SoO:192.0.2.1:9'] }
    const six = { afi: 2, safi: 128, rd: '1:192.0.2.7:5', ip_prefix: '2001:db8:33::/48', mpls_label: 33 }
    const input = [
      route(2, four),
      route(2, { ...four, peer_ip_src: '192.0.2.2', mpls_label: 601, bgp_nexthop: '192.0.2.10' }),
      route(3, { ...six, as_path_id: 7, bgp_nexthop: '2001:db8::9' }),
    ]
    const host = await run(streamOf(input), { file, format: 'mrt' })
    assert.deepEqual(host.codes, [])
    const { stdout } = await runProgram(context, ['bgpctl', 'show', 'mrt', 'detail', 'file', file])
    const lines = stdout.split('\n').map(line => line.trim())
    assert.deepEqual(
      lines.filter(line => /^(BGP|Nexthop|Ext)/.test(line)),
      [
        'BGP routing table entry for rd 64500:4 10.0.2.0/24',
        'Nexthop rd 0:0 192.0.2.9 (via rd 0:0 192.0.2.9) Neighbor 192.0.2.1 (0.0.0.0)',
        'Ext. Communities: rt 64500:3 soo 192.0.2.1:9',
        'BGP routing table entry for rd 64500:4 10.0.2.0/24',
        'Nexthop rd 0:0 192.0.2.10 (via rd 0:0 192.0.2.10) Neighbor 192.0.2.2 (0.0.0.0)',
        'Ext. Communities: rt 64500:3 soo 192.0.2.1:9',
        'BGP routing table entry for rd 192.0.2.7:5 2001:db8:33::/48',
        'Nexthop rd 0:0 2001:db8::9 (via rd 0:0 2001:db8::9) Neighbor 192.0.2.1 (0.0.0.0) Path-Id: 7',
      ],
    )
  })
})
