// Captures of packets: what Debian's pmacctd makes of them, tshark's count of packets, and Zeek's Community IDs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { without } from './services/programs.ts'
import { records, shell } from './support/cli.ts'
import { assertExpected, CASES, type Meta, metas, skipCompare, skipCorpus } from './support/corpus.ts'

/**
 * pmacctd drops, or counts twice, what its plugin has not taken when a capture ends; these expectations were made so: their keys are
 * right, their sums are not (of 74 packets in pk-communityid-sctp they have 8). Here packets are held against tshark instead;
 * test/services/packets.service.ts compares with pmacctd that has time.
 */
const CUT_SHORT = /^pk-communityid-/

const accounting = (meta: Meta): string =>
  `netally packet-recv --pcap input.pcap --compat pmacct | netally aggregate --by ${meta.aggregate?.join(',')} --compat pmacct`

const keysOf = (rows: readonly object[]): string[] =>
  rows
    .map(row => JSON.stringify({ ...row, packets: 0, bytes: 0, flows: 0, tcp_flags: 0 }, Object.keys(row).sort()))
    .sort()

const packetsOf = (rows: readonly { [name: string]: unknown }[]): number =>
  rows.reduce((sum, row) => sum + Number(row.packets), 0)

const tsharkCount = (cwd: string): number =>
  execFileSync('tshark', ['-r', 'input.pcap', '-Y', 'ip or ipv6', '-T', 'fields', '-e', 'frame.number'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n').length - 1

/** Known from Zeek and the specification's own test cases. */
const COMMUNITY_IDS: { readonly [id: string]: string } = {
  'pk-communityid-tcp': '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  'pk-communityid-udp': '1:d/FP5EW3wiY1vCndhwleRRKHowQ=',
  'pk-communityid-icmp': '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=',
  'pk-communityid-sctp': '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=',
  'pk-communityid-ipv6': '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=',
}

describe('corpus, packets', { skip: skipCorpus }, () => {
  for (const meta of metas('packets')) {
    const cwd = join(CASES, meta.id)
    const isCut = CUT_SHORT.test(meta.id)
    it(`${meta.id} flow`, { skip: skipCompare }, async context => {
      const { stdout, stderr, status } = await shell(accounting(meta), '', { cwd })
      assert.equal(status, 0, stderr)
      if (!isCut) return assertExpected(meta, 'flow', stdout, context, stderr)
      const expected = records(readFileSync(join(cwd, 'expected.flow.ndjson'), 'utf8'))
      const known = new Set(Object.keys(expected[0] as object))
      const rows = records(stdout).map(row =>
        Object.fromEntries(Object.entries(row).filter(([name]) => known.has(name))),
      )
      assert.deepEqual(keysOf(rows), keysOf(expected))
    })
    it(`${meta.id} packets`, { skip: without('tshark') }, async () => {
      const { stdout } = await shell(accounting(meta), '', { cwd })
      assert.equal(packetsOf(records(stdout)), tsharkCount(cwd))
    })
    const id = COMMUNITY_IDS[meta.id]
    if (id === undefined) continue
    it(`${meta.id} Community ID`, async () => {
      const { stdout } = await shell('netally packet-recv --pcap input.pcap --fields community_id', '', { cwd })
      assert.deepEqual(new Set(records(stdout).map(row => row.community_id)), new Set([id]))
    })
  }
})
