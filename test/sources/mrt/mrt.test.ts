import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as zlib from 'node:zlib'
import { ProblemError } from '../../../src/contract/problem.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { openMrt } from '../../../src/sources/mrt/mrt.ts'
import { NOT_MRT } from '../../../src/sources/mrt/record-reader.ts'
import { mandatory, prefix } from '../../support/bgp-writer.ts'
import { isInstalled, scratch } from '../../support/cli.ts'
import { TestHost } from '../../support/test-host.ts'
import { peerIndex, rib } from '../../wire/mrt/mrt-writer.ts'

const INDEX = peerIndex([{ ip: '192.0.2.9', as: 64500 }])
const routes = (count: number): Buffer =>
  Buffer.concat([
    INDEX,
    ...Array.from({ length: count }, (_, index) =>
      rib(2, prefix(`10.${index >> 8}.${index & 255}.0/24`), [{ attributes: mandatory() }]),
    ),
  ])

async function read(
  files: readonly string[],
  host = new TestHost(),
): Promise<{ records: NetRecord[]; host: TestHost }> {
  const records: NetRecord[] = []
  for await (const batch of openMrt({ files, decoder: {} }, host)) records.push(...batch.records)
  return { records, host }
}

function file(context: TestContext, octets: Uint8Array, name = 'table.mrt'): string {
  const path = join(scratch(context), name)
  writeFileSync(path, octets)
  return path
}

const COMPRESSIONS: readonly (readonly [string, (octets: Buffer) => Uint8Array, boolean])[] = [
  ['plain', octets => octets, true],
  ['gz', octets => zlib.gzipSync(octets), true],
  ['zst', octets => zlib.zstdCompressSync(octets), typeof zlib.zstdCompressSync === 'function'],
  ['bz2', octets => spawnSync('bzip2', ['-c'], { input: octets, maxBuffer: 2 ** 28 }).stdout, isInstalled('bzip2')],
]

for (const [name, compress, isThere] of COMPRESSIONS) {
  test(`a file, ${name}`, { skip: !isThere }, async context => {
    // More than one read gives.
    const { records, host } = await read([file(context, compress(routes(20_000)))])
    assert.deepEqual(host.problems, [])
    assert.equal(records.length, 20_000)
    assert.equal(records[19_999]?.ip_prefix, '10.78.31.0/24')
    assert.deepEqual(new Set(records.map(record => record.seq)).size, 20_000)
  })
}

test('a file that ends within a record gives what is whole', async context => {
  const { records, host } = await read([file(context, routes(10).subarray(0, -5))])
  assert.deepEqual([records.length, host.codes], [9, ['mrt/truncated']])
  assert.match(host.problems[0]?.message ?? '', /table\.mrt: the last record is cut/)
})

test('what is no MRT, and what is damaged', async context => {
  const other = file(context, Buffer.from('{"seq":0,"timestamp":"2026"}\n'.repeat(10)))
  await assert.rejects(read([other]), { problem: { ...NOT_MRT, message: `${other}: ${NOT_MRT.message}` } })
  const damaged = await read([file(context, Buffer.concat([routes(3), Buffer.alloc(40, 255), routes(3)]))])
  assert.deepEqual([damaged.records.length, damaged.host.codes], [3, ['mrt/corrupt']])
})

test('compressed data that end too early', { skip: !isInstalled('bzip2') }, async context => {
  const whole = spawnSync('bzip2', ['-c'], { input: routes(20_000) }).stdout
  const { host } = await read([file(context, whole.subarray(0, whole.length - 100))])
  assert.deepEqual(host.codes, ['mrt/corrupt'])
})

test('files are read one after another, each with its own peers', async context => {
  const other = Buffer.concat([
    peerIndex([{ ip: '192.0.2.10', as: 64500 }]),
    rib(2, prefix('10.1.0.0/16'), [{ attributes: mandatory() }]),
  ])
  const { records } = await read([file(context, routes(1)), file(context, other)])
  assert.deepEqual(
    records.map(({ seq, peer_ip_src }) => [seq, peer_ip_src]),
    [
      [0, '192.0.2.9'],
      [1, '192.0.2.10'],
    ],
  )
})

test('a file that is not there', async () => {
  await assert.rejects(
    read(['/nonexistent/table.mrt']),
    error => error instanceof ProblemError && error.problem.code === 'mrt/unreadable',
  )
})
