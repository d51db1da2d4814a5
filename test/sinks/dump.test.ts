import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { stringify } from 'csv-stringify/sync'
import { ProblemError } from '../../src/contract/problem.ts'
import { type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { DUMP_DEFAULTS, type DumpOptions, dump } from '../../src/sinks/dump.ts'
import { ReaderLeft } from '../../src/stream/output.ts'
import { batchesOf, streamOf, TestHost } from '../support/test-host.ts'

const execFilePromise = promisify(execFile)
const T0 = Date.UTC(2026, 10, 23, 8) / 1000

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dump-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(input: Stream, options: Partial<DumpOptions>, host = new TestHost()): Promise<TestHost> {
  await dump.drain(input, { ...DUMP_DEFAULTS, writerId: 'test/1', ...options }, host)
  return host
}
const problemOf = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('nothing went wrong')
}

const at = (name: string): string => join(folder, name)
const text = (name: string): string => readFileSync(at(name), 'utf8')
const names = (): string[] => readdirSync(folder).sort()
const flow = (seconds: number, more: NetRecord = {}): NetRecord => ({
  timestamp_arrival: T0 + seconds,
  bytes: seconds,
  ...more,
})

/** Every file of the folder with its text. */
const everything = (): { [name: string]: string } => Object.fromEntries(names().map(name => [name, text(name)]))

describe('json', () => {
  test('one file holds all records, and is there although there are none', async () => {
    const host = await run(streamOf([flow(1), flow(2, { tag: 18446744073709551615n })]), { file: at('a.json') })
    assert.equal(
      text('a.json'),
      `{"timestamp_arrival":${T0 + 1},"bytes":1}\n{"timestamp_arrival":${T0 + 2},"bytes":2,"tag":18446744073709551615}\n`,
    )
    assert.equal(host.counters.out, 2)
    await run(streamOf([]), { file: at('b.json') })
    assert.equal(text('b.json'), '')
  })

  test('fields and times are presented as asked', async () => {
    await run(streamOf([flow(1, { as_src: 7 })]), {
      file: at('a'),
      fields: ['src_as', 'timestamp_arrival'],
      timestamps: 'rfc3339',
    })
    assert.deepEqual(JSON.parse(text('a')), { timestamp_arrival: '2026-11-23T08:00:01.000000Z', as_src: 7 })
  })

  test('replaces what was there, appends when asked', async () => {
    writeFileSync(at('a'), 'old\n')
    await run(streamOf([{ bytes: 1 }]), { file: at('a') })
    assert.equal(text('a'), '{"bytes":1}\n')
    await run(streamOf([{ bytes: 2 }]), { file: at('a'), append: true })
    assert.equal(text('a'), '{"bytes":1}\n{"bytes":2}\n')
  })
})

describe('files by time and value', () => {
  const flows = [flow(10), flow(200), flow(290), flow(301), flow(250), flow(650)]

  test('intervals on the record clock, the same however batches are cut', async () => {
    await run(streamOf(flows), { file: at('f-%H%M.json'), everyMs: 300_000 })
    const whole = everything()
    assert.deepEqual(Object.keys(whole), ['f-0800.json', 'f-0805.json', 'f-0810.json'])
    // A raw flow is filed by the clock, which does not go back.
    assert.equal(
      whole['f-0805.json'],
      `{"timestamp_arrival":${T0 + 301},"bytes":301}\n{"timestamp_arrival":${T0 + 250},"bytes":250}\n`,
    )
    for (const size of [1, 2, 4]) {
      rmSync(folder, { recursive: true })
      await run(streamOf(flows, size), { file: at('f-%H%M.json'), everyMs: 300_000 })
      assert.deepEqual(everything(), whole)
    }
  })

  test('sums go to the file of their bin, late ones too', async () => {
    const sum = (bin: number, bytes: number) => ({ stamp_inserted: T0 + bin, stamp_updated: T0 + bin + 61, bytes })
    const host = await run(streamOf([sum(0, 1), sum(60, 2), sum(0, 3), sum(60, 4)], 1), {
      file: at('%M.csv'),
      format: 'csv',
      fields: ['bytes'],
    })
    assert.deepEqual(everything(), { '00.csv': 'bytes\n1\n3\n', '01.csv': 'bytes\n2\n4\n' })
    assert.equal(host.counters.late, 1)
    assert.equal(host.counters.out, 4)
  })

  test('values split the records, and cannot leave the folder', async () => {
    const values = ['192.0.2.1', '../../evil', '', '192.0.2.1']
    await run(streamOf(values.map(peer_ip_src => ({ peer_ip_src, bytes: 1 }))), {
      file: at('x-$peer_src_ip/y'),
      latest: at('last-$peer_src_ip'),
    })
    assert.deepEqual(
      names(),
      ['last-_._.._evil', 'last-192.0.2.1', 'last-none', 'x-_._.._evil', 'x-192.0.2.1', 'x-none'].sort(),
    )
    assert.equal(text('x-192.0.2.1/y').split('\n').length, 3)
    assert.equal(readlinkSync(at('last-192.0.2.1')), 'x-192.0.2.1/y')
  })

  test('a fixed name holds the last interval', async () => {
    await run(streamOf(flows), { file: at('now.json'), everyMs: 300_000 })
    assert.deepEqual(everything(), { 'now.json': `{"timestamp_arrival":${T0 + 650},"bytes":650}\n` })
  })

  test('a day in the name keeps its file over the intervals of a quarter of an hour', async () => {
    await run(streamOf([flow(0), flow(4000), flow(8000)]), { file: at('%Y%m%d') })
    assert.equal(text('20261123').split('\n').length, 4)
  })

  test('intervals without records have empty files when asked', async () => {
    await run(streamOf([flow(0), flow(130)]), { file: at('%M'), writeEmpty: true })
    assert.deepEqual(
      Object.entries(everything()).map(([name, { length }]) => [name, length > 0]),
      [
        ['00', true],
        ['01', false],
        ['02', true],
      ],
    )
  })

  test('the clock of a silent input finishes a file', async () => {
    async function* input(): Stream {
      yield recordBatch([flow(10)], (T0 + 10) * 1000)
      assert.ok(!existsSync(at('00')))
      yield recordBatch([], (T0 + 61) * 1000)
      yield recordBatch([], (T0 + 62) * 1000)
      assert.deepEqual(JSON.parse(text('00')), flow(10))
    }
    await run(input(), { file: at('%M') })
  })

  test('more names than file descriptors lose nothing', async () => {
    const flows = Array.from({ length: 2000 }, (_, index) => ({ tag: index % 300, bytes: index }))
    const host = await run(streamOf(flows), { file: at('$tag') })
    assert.equal(names().length, 300)
    assert.equal(text('299'), [299, 599, 899, 1199, 1499, 1799].map(bytes => `{"tag":299,"bytes":${bytes}}\n`).join(''))
    assert.equal(host.counters.out, 2000)
  })

  test('nothing has its final name before it is finished', async () => {
    async function* input(): Stream {
      yield recordBatch([flow(1)], 0)
      assert.deepEqual(names(), [`.a.${process.pid}.part`])
      yield recordBatch([flow(2)], 0)
    }
    await run(input(), { file: at('a') })
    assert.deepEqual(names(), ['a'])
  })

  test('SIGHUP gives new files to whoever moved the old ones', async () => {
    const host = new TestHost()
    async function* input(): Stream {
      yield recordBatch([{ bytes: 1 }], 0)
      await new Promise(resolve => setTimeout(resolve, 100))
      renameSync(at('log'), at('log.1'))
      host.reloads++
      yield recordBatch([{ bytes: 2 }], 0)
    }
    await run(input(), { file: at('log'), append: true }, host)
    assert.deepEqual(everything(), { log: '{"bytes":2}\n', 'log.1': '{"bytes":1}\n' })
  })
})

describe('csv', () => {
  test('columns come from the first records, later fields are reported once', async () => {
    const records: NetRecord[] = Array.from({ length: 500 }, (_, index) =>
      index === 499 ? { bytes: 1, as_src: 3, mine: 'a,"b"' } : { bytes: 1 },
    )
    records.push({ bytes: 2, tag: 9 }, { bytes: 3, tag: 9, comms: ['1:2', '3:4'] })
    for (const size of [1, 7, 500]) {
      const host = await run(streamOf(records, size), { file: at('a.csv'), format: 'csv' })
      const lines = text('a.csv').split('\n')
      assert.equal(lines[0], 'as_src,bytes,mine')
      assert.equal(lines[500], '3,1,"a,""b"""')
      assert.equal(lines[502], ',3,')
      assert.equal(lines.length, 504)
      assert.deepEqual(host.codes, ['dump/late-field', 'dump/late-field'])
      assert.equal(host.counters.late_fields, 3)
      assert.equal(host.counters.out, 502)
    }
  })

  test('columns are fixed after a second of the record clock', async () => {
    const host = await run(streamOf([flow(0), flow(1, { tag: 1 })]), { file: at('a.csv'), format: 'csv' })
    assert.equal(text('a.csv').split('\n')[0], 'timestamp_arrival,bytes')
    assert.deepEqual(host.codes, ['dump/late-field'])
  })

  test('a header once a file, also when a file is appended to', async () => {
    const options = {
      file: at('a.csv'),
      format: 'csv',
      fields: ['bytes', 'comms'],
      append: true,
      separator: ';',
    } as const
    await run(streamOf([{ bytes: 1, comms: ['1:2', '3:4'] }]), options)
    await run(streamOf([{ bytes: 2 }]), options)
    assert.equal(text('a.csv'), 'bytes;comms\n1;1:2 3:4\n2;\n')
  })

  test('forms of single fields', async () => {
    const present = { encode: { tcp_flags: 'array', tos: 'dscp' } } as const
    await run(streamOf([{ tcp_flags: 18, tos: 184 }]), { file: at('a.csv'), format: 'csv', present })
    assert.equal(text('a.csv'), 'tcp_flags,tos\nACK SYN,46\n')
  })

  test('a file with other columns is not appended to', async () => {
    writeFileSync(at('a.csv'), 'packets\n5\n')
    const host = new TestHost()
    const options = { file: at('a.csv'), format: 'csv', append: true } as const
    const problem = await problemOf(run(streamOf([{ bytes: 1 }]), options, host))
    assert.equal(problem.code, 'dump/other-columns')
    assert.equal(text('a.csv'), 'packets\n5\n')
    assert.equal(host.counters['dropped/write-failed'], 1)
    await run(streamOf([{ packets: 6 }]), options)
    assert.equal(text('a.csv'), 'packets\n5\n6\n')
  })

  test('times as pmacct writes them', async () => {
    await run(streamOf([{ stamp_inserted: T0, timestamp_start: T0 + 0.25 }]), {
      file: at('a'),
      format: 'csv',
      timestamps: 'pmacct',
    })
    assert.match(
      text('a'),
      /^timestamp_start,stamp_inserted\n\d{4}-\d\d-\d\d \d\d:\d\d:00\.250000,\d{4}-\d\d-\d\d \d\d:\d\d:00\n$/,
    )
  })
})

describe('table', () => {
  test('a short table is drawn, numbers to the right', async () => {
    await run(streamOf([{ ip_proto: 'tcp', bytes: 1234567, timestamp_start: T0 }]), {
      file: at('t'),
      format: 'table',
      thousands: true,
    })
    const lines = text('t').split('\n')
    assert.equal(lines[1], '│ ip_proto │ timestamp_start      │     bytes │')
    assert.equal(lines[3], '│ tcp      │ 2026-11-23T08:00:00Z │ 1,234,567 │')
  })

  test('a long table is plain aligned lines, and every record is in it', async () => {
    const records = Array.from({ length: 1203 }, (_, index) => ({ ip_proto: 'udp', bytes: index }))
    const host = await run(streamOf(records), { file: at('t'), format: 'table' })
    const lines = text('t').split('\n')
    assert.equal(lines[0], 'ip_proto  bytes')
    assert.equal(lines[1], 'udp           0')
    assert.equal(lines.length, 1205)
    assert.equal(host.counters.out, 1203)
  })

  test('control characters do not reach the terminal', async () => {
    await run(streamOf([{ username: '\u001b[2Jroot\u009b' }]), { file: at('t'), format: 'table' })
    assert.ok(!text('t').includes('\u001b') && !text('t').includes('\u009b'))
  })
})

describe('markers', () => {
  test('json objects and csv lines around each file', async () => {
    await run(streamOf([flow(0), flow(65)]), { file: at('%M.json'), markers: true })
    assert.deepEqual(
      text('00.json')
        .split('\n')
        .slice(0, 3)
        .map(line => JSON.parse(line)),
      [
        { event_type: 'purge_init', writer_id: 'test/1' },
        flow(0),
        { event_type: 'purge_close', writer_id: 'test/1', purged_entries: 1, total_entries: 1, duration: 65 },
      ],
    )
    await run(streamOf([{ bytes: 1 }]), { file: at('a.csv'), format: 'csv', markers: true })
    assert.equal(text('a.csv'), '--START (test/1)--\nbytes\n1\n--END (test/1)--\n')
  })

  test('a file with markers is appended to', async () => {
    const options = { file: at('a.csv'), format: 'csv', markers: true, append: true } as const
    await run(streamOf([{ bytes: 1 }]), options)
    await run(streamOf([{ bytes: 2 }]), options)
    const part = (bytes: number, header = '') => `--START (test/1)--\n${header}${bytes}\n--END (test/1)--\n`
    assert.equal(text('a.csv'), part(1, 'bytes\n') + part(2))
  })

  test('those of the stage before close the file', async () => {
    const sum = (bin: number) => ({ stamp_inserted: T0 + bin, bytes: bin })
    const marker = (event_type: string) => ({ event_type, writer_id: 'agg' })
    const records = [
      marker('purge_init'),
      sum(0),
      marker('purge_close'),
      marker('purge_init'),
      sum(60),
      marker('purge_close'),
    ]
    for (const size of [1, 4, 6]) {
      const host = await run(streamOf(records, size), { file: at('%M.csv'), format: 'csv', fields: ['bytes'] })
      assert.deepEqual(everything(), {
        '00.csv': '--START (agg)--\nbytes\n0\n--END (agg)--\n',
        '01.csv': '--START (agg)--\nbytes\n60\n--END (agg)--\n',
      })
      assert.equal(host.counters.out, 6)
    }
  })
})

describe('after a file', () => {
  test('the link points at the last one, the program runs with its name', async () => {
    writeFileSync(at('run'), `#!/bin/sh\necho "$1 $NETALLY_RECORDS $NETALLY_BIN" >> ${at('ran')}\n`)
    chmodSync(at('run'), 0o755)
    const host = await run(streamOf([flow(0), flow(1), flow(61)]), {
      file: at('d/%M'),
      latest: at('latest'),
      trigger: at('run'),
    })
    assert.deepEqual(text('ran').trim().split('\n').sort(), [`${at('d/00')} 2 ${T0}`, `${at('d/01')} 1 ${T0 + 60}`])
    assert.equal(readlinkSync(at('latest')), 'd/01')
    assert.equal(host.counters.triggers, 2)
  })

  test('a program that fails is reported, the records stay', async () => {
    const host = await run(streamOf([flow(0)]), { file: at('a'), trigger: at('missing') })
    assert.deepEqual(host.codes, ['trigger/failed'])
    assert.equal(host.counters.out, 1)
  })

  test('a link is not put over a file', async () => {
    writeFileSync(at('latest'), 'mine')
    const host = await run(streamOf([flow(0)]), { file: at('a'), latest: at('latest') })
    assert.deepEqual(host.codes, ['dump/latest-failed'])
    assert.equal(text('latest'), 'mine')
  })
})

describe('FIFOs', () => {
  const read = (path: string) => execFilePromise('cat', [path])

  test('a reader may come late, and another after one that left', async () => {
    execFileSync('mkfifo', [at('p')])
    const host = new TestHost()
    const running = run(streamOf([{ bytes: 1 }]), { file: at('p') }, host)
    await new Promise(resolve => setTimeout(resolve, 150))
    assert.equal((await read(at('p'))).stdout, '{"bytes":1}\n')
    await running
    assert.deepEqual(host.codes, ['dump/fifo-waits'])
  })

  test('without a reader, a signal ends the wait', async () => {
    const host = new TestHost()
    const running = run(streamOf([{ bytes: 1 }, { bytes: 2 }]), { file: at('p'), fifo: true }, host)
    setTimeout(() => host.stop.abort(), 50)
    await assert.rejects(running, ReaderLeft)
    assert.equal(host.counters['dropped/reader-left'], 2)
  })
})

describe('what cannot be written', () => {
  test('a full disk: which file, what to do, how many are lost', async () => {
    const host = new TestHost()
    const problem = await problemOf(
      run(streamOf(Array.from({ length: 700 }, () => ({ bytes: 1 }))), { file: '/dev/full' }, host),
    )
    assert.equal(problem.code, 'dump/write-failed')
    assert.match(problem.message, /\/dev\/full.*ENOSPC/)
    assert.equal(host.counters['dropped/write-failed'], 700)
    assert.equal(host.counters.out, undefined)
  })

  test('a folder that is a file', async () => {
    writeFileSync(at('a'), '')
    const problem = await problemOf(run(streamOf([flow(0)]), { file: at('a/b') }))
    assert.equal(problem.code, 'dump/write-failed')
    assert.ok(problem.hint)
  })

  test('other files are finished when one fails', async () => {
    mkdirSync(at('f-bad'))
    const host = new TestHost()
    const records = ['good', 'good', 'bad', 'never'].map(label => ({ label }))
    const problem = await problemOf(run(streamOf(records), { file: at('f-$label') }, host))
    assert.match(problem.message, /f-bad/)
    assert.equal(text('f-good'), '{"label":"good"}\n{"label":"good"}\n')
    assert.equal(host.counters.out, 2)
    assert.equal(host.counters['dropped/write-failed'], 2)
  })

  test('time in the name of the link', async () => {
    const problem = await problemOf(run(batchesOf(), { file: at('%M'), latest: at('%M') }))
    assert.equal(problem.code, 'usage/latest')
  })
})

test('a fast line of csv is what the library writes', async () => {
  const odd = ['', ' ', 'a', 'a b', '"', 'a"b', ',', ';', '-', '\t', '\n', '\r\n', '\\', ']', '^', 'é', '=1', '1:2']
  const records = odd.flatMap(label => odd.map(username => ({ label, username, bytes: -1.5 })))
  for (const separator of [',', ';', '\t', '|', '-', '^', ']', '\\', ' ', '.']) {
    await run(streamOf(records), {
      file: at('a.csv'),
      format: 'csv',
      separator,
      fields: ['label', 'username', 'bytes'],
    })
    const rows = records.map(({ label, username, bytes }) => [label, username, String(bytes)])
    assert.equal(
      text('a.csv'),
      stringify([['label', 'username', 'bytes'], ...rows], { delimiter: separator }),
      separator,
    )
  }
})
