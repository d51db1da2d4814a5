// Records of real exporters, exported again and read again: the same records, field by field.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { NetRecord, Value } from '../src/contract/record.ts'
import { records, shell } from './support/cli.ts'
import { CASES, type Meta, metas, skipCorpus } from './support/corpus.ts'
import { Exporter, type Version } from './support/flow-exporter.ts'
import { Collector } from './wire/flow/collector.ts'

/** Of the message or of how a collector came to a value. */
const OWN: ReadonlySet<string> = new Set([
  ...['timestamp_arrival', 'timestamp_export', 'export_proto_version', 'export_proto_seqno', 'export_proto_sysid'],
  ...['sampling_source', 'peer_ip_src'],
])
const TIMES = /^timestamp_/
const RECORDS = 400

/** Milliseconds, where the version has no more. */
const coarse = (name: string, value: Value | undefined, version: Version): Value | undefined =>
  version === 'netflow9' && TIMES.test(name) && typeof value === 'number' ? Math.floor(value * 1000 + 1e-3) : value

function differences(before: NetRecord, after: NetRecord, version: Version, said: ReadonlySet<string>): string[] {
  const names = Object.keys(before).filter(name => said.has(name) && !OWN.has(name))
  return names.filter(name => {
    const [one, other] = [coarse(name, before[name], version), coarse(name, after[name], version)]
    return JSON.stringify(one) !== JSON.stringify(other)
  })
}

function assertComeBack(rows: readonly NetRecord[], version: Version, more: object): void {
  const exporter = new Exporter(version, { microseconds: true, messageOctets: 9000 })
  exporter.send(rows, Math.floor(Number(rows[0]?.timestamp_arrival) * 1000))
  assert.deepEqual(exporter.dropped, {}, version)
  const collector = new Collector({ unknown: true, ...more })
  const back = exporter.messages.flatMap(message => collector.read(message))
  assert.equal(back.length, rows.length, version)
  const said = new Set(exporter.writer.fields.map(({ name }) => name))
  for (const name of Object.keys(exporter.left)) said.delete(name)
  for (const [index, row] of rows.entries()) {
    const wrong = differences(row, back[index] as NetRecord, version, said)
    assert.deepEqual(wrong, [], `${version}, record ${index}: ${JSON.stringify(row)}\n${JSON.stringify(back[index])}`)
  }
}

async function received(meta: Meta, flags: string): Promise<NetRecord[]> {
  const ports = meta.ports.map(port => `--udp-port ${port}`).join(' ')
  const line = `netally flow-recv --pcap input.pcap ${ports} ${flags}`
  const { stdout } = await shell(line, '', { cwd: join(CASES, meta.id) })
  return (records(stdout) as NetRecord[]).slice(0, RECORDS)
}

/** IEEE 802.3: a length where the EtherType is, which is not told. */
const isLength = (etype: Value | undefined): boolean => typeof etype === 'string' && Number.parseInt(etype, 16) < 0x600

describe('corpus, exported and read again', { skip: skipCorpus }, () => {
  for (const meta of ['ipfix', 'nfv9', 'nfv5'].flatMap(metas)) {
    it(meta.id, async context => {
      const rows = await received(meta, '--unknown')
      if (rows.length === 0) return context.skip('the capture has no records')
      for (const version of ['ipfix', 'netflow9'] as const) assertComeBack(rows, version, {})
    })
  }
  for (const meta of metas('sflow')) {
    it(meta.id, async context => {
      const rows = await received(meta, '--counters --discards')
      if (rows.length === 0) return context.skip('the capture has no records')
      const sayable = rows.map(({ etype, ...row }) =>
        isLength(etype) ? row : etype === undefined ? row : { ...row, etype },
      )
      assertComeBack(sayable, 'sflow', { counters: true, discards: true })
    })
  }
})
