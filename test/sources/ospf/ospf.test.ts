import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import type { OspfOptions } from '../../../src/sources/ospf/options.ts'
import { openOspf } from '../../../src/sources/ospf/ospf.ts'
import { LSA2 } from '../../../src/wire/ospf/lsa.ts'
import { scratch } from '../../support/cli.ts'
import { CARRIER4, link2, packetOctets, router2, u16, u32, updateOctets } from '../../support/ospf-writer.ts'
import { TestHost } from '../../support/test-host.ts'
import { recordsOf } from '../../support/topology.ts'

/** An IPv4 packet, or a fragment of one; `fragment`: flags and offset. */
const ipv4 = (payload: Uint8Array, fragment = 0, protocol = 89): number[] => [
  ...[0x45, 0],
  ...u16(20 + payload.length),
  ...u16(7),
  ...u16(fragment),
  ...[1, protocol, 0, 0],
  ...CARRIER4.addresses,
  ...payload,
]

function capture(context: TestContext, packets: readonly (readonly number[])[]): string {
  const little = (value: number) => u32(value).reverse()
  const header = [...little(0xa1b2c3d4), 2, 0, 4, 0, ...little(0), ...little(0), ...little(65_535), ...little(101)]
  const frames = packets.flatMap((packet, at) => [
    ...little(1000 + at),
    ...little(0),
    ...little(packet.length),
    ...little(packet.length),
    ...packet,
  ])
  const path = join(scratch(context), 'ospf.pcap')
  writeFileSync(path, Uint8Array.from([...header, ...frames]))
  return path
}

async function read(
  context: TestContext,
  packets: readonly (readonly number[])[],
  options: Partial<OspfOptions> = {},
): Promise<{ records: NetRecord[]; host: TestHost }> {
  const host = new TestHost()
  const all = { captures: [capture(context, packets)], domain: 'ospf', localAs: undefined, pdus: false, ...options }
  return { records: await recordsOf(openOspf(all, host)), host }
}

const STUB = link2(3, '10.0.1.0', '255.255.255.0', 5)
const UPDATE = updateOctets([{ type: LSA2.router, body: router2([STUB]) }])

describe('ospf-read', () => {
  it('fragments are put together', async context => {
    const frames = [ipv4(UPDATE.subarray(0, 32), 0x2000), ipv4(UPDATE.subarray(32), 4)]
    const { records, host } = await read(context, frames)
    assert.deepEqual(
      records.map(({ event_type, nlri_type, ip_reach }) => ip_reach ?? nlri_type ?? event_type),
      ['log_init', 'Node', '10.0.1.0/24'],
    )
    assert.deepEqual([host.counters['lsas/taken'], host.counters.packets], [1, 2])
  })

  it('what is not OSPF, and what is damaged, is counted by kind, and the rest is read', async context => {
    const lying = packetOctets(4, [...u32(2), ...UPDATE.subarray(28)])
    const version = packetOctets(1, [])
    version[0] = 3
    const bad = UPDATE.slice()
    bad[40] = 9
    const frames = [ipv4(UPDATE, 0, 17), ipv4(UPDATE.subarray(0, 10)), ipv4(version), ipv4(bad), ipv4(lying)]
    const { records, host } = await read(context, frames)
    assert.equal(records.length, 3)
    assert.deepEqual(Object.fromEntries(Object.entries(host.counters).filter(([name]) => /drop|not-ospf/.test(name))), {
      'packets-not-ospf': 1,
      'pdus-dropped/malformed': 2,
      'pdus-dropped/version': 1,
      'pdus-dropped/checksum': 1,
    })
    assert.deepEqual(host.codes, ['ospf/malformed', 'ospf/version', 'ospf/checksum', 'ospf/malformed'])
    assert.ok(host.problems.every(({ reference }) => reference?.startsWith('RFC ')))
  })

  it('authentication is skipped over, and counted', async context => {
    const digest = Uint8Array.from([...UPDATE, ...new Array<number>(16).fill(9)])
    digest.set([0, 0, 0, 2, 0, 0, 7, 16, 0, 0, 0, 9], 12)
    const { records, host } = await read(context, [ipv4(digest)])
    assert.equal(records.length, 3)
    assert.equal(host.counters['pdus-not-verified/cryptographic'], 1)
  })

  it('ages end by the time of the capture; local_asn where it is told', async context => {
    const old = updateOctets([{ type: LSA2.router, age: 3599, body: router2([]) }])
    const { records, host } = await read(
      context,
      [old, packetOctets(5, []), packetOctets(5, [])].map(one => ipv4(one)),
      {
        localAs: 64_500,
      },
    )
    assert.deepEqual(
      records.map(({ log_type, timestamp, local_asn }) => [log_type, timestamp, local_asn]),
      [
        [undefined, 1000, undefined],
        ['update', 1000, 64_500],
        ['withdraw', 1001, 64_500],
      ],
    )
    assert.equal(host.counters['lsas/expired'], 1)
  })
})
