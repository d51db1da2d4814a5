// sFlow datagrams of real agents: what Debian's sfacctd makes of them, and how many samples tshark sees.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { records, shell } from './support/cli.ts'
import { assertExpected, CASES, type Meta, metas, skipCompare, skipCorpus } from './support/corpus.ts'

const receive = (meta: Meta, more = ''): string =>
  `netally flow-recv --pcap input.pcap ${meta.ports.map(port => `--udp-port ${port}`).join(' ')} ${more}`

/** sfacctd has no times of sampled packets, and prints 0; netally's are absent. */
const accounting = (meta: Meta): string => {
  const by = meta.aggregate ?? meta.oracle177?.aggregate ?? []
  return `${receive(meta)} | netally aggregate --by ${by.join(',')} --compat pmacct --timestamps epoch`
}

describe('corpus, sFlow', { skip: skipCorpus }, () => {
  for (const meta of metas('sflow')) {
    const cwd = join(CASES, meta.id)
    if (meta.assertable.includes('flow')) {
      it(`${meta.id} flow`, { skip: skipCompare }, async context => {
        const line = accounting(meta)
        const { stdout, stderr, status } = await shell(line, '', { cwd })
        assert.equal(status, 0, stderr)
        assertExpected(meta, 'flow', stdout, context, `${line}\n${stderr}`)
      })
    }
    it(`${meta.id} counts`, async () => {
      const { stdout, stderr, status } = await shell(receive(meta, '--counters'), '', { cwd })
      assert.equal(status, 0, stderr)
      const rows = records(stdout)
      const counters = rows.filter(row => row.event_type === 'counters')
      assert.equal(rows.length - counters.length, meta.tshark_flow_records)
      const samples = new Set(counters.map(row => `${row.source_id_class}:${row.source_id_index} ${row.sflow_cnt_seq}`))
      assert.equal(samples.size, meta.tshark_counter_samples)
    })
  }
})
