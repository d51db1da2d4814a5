// Input that is cut, random, or not there.
import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FLOWS_PER_DATAGRAM, writeBigCapture } from '../support/big-capture.ts'
import { netally, records, scratch } from '../support/cli.ts'
import { statsLines } from '../support/stats.ts'

const DATAGRAMS = 10

describe('bad input', { concurrency: 2 }, () => {
  it('a capture cut in the middle of a packet: what is whole comes out, and the cut is told', async context => {
    const path = join(scratch(context), 'cut.pcap')
    writeBigCapture(path, DATAGRAMS)
    truncateSync(path, readFileSync(path).length - 100)
    const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', path])
    assert.equal(records(stdout).length, (DATAGRAMS - 1) * FLOWS_PER_DATAGRAM)
    assert.match(stderr, /cut|truncated|ends in the middle/)
    assert.ok(status === 0 || status === 1, `status ${status}`)
  })

  for (const bad of ['no record', '[1]', '{"bytes":1,}', '{"timestamp_arrival":5,"bytes":1', '{"bytes":01}']) {
    it(`--strict gives the good lines before a bad one: ${bad}`, async () => {
      const input = `{"bytes":1}\n{"bytes":2}\n${bad}\n{"bytes":4}\n`
      for (const words of [
        ['filter', 'bytes > 0', '--strict', '--stats'],
        ['run', '--strict', '--stats', 'filter "bytes > 0"'],
      ]) {
        const { stdout, stderr, status } = await netally(words, input)
        assert.deepEqual(records(stdout), [{ bytes: 1 }, { bytes: 2 }])
        assert.match(stderr, /standard input line 3: /)
        assert.equal(status, 1)
        const [stats] = statsLines(stderr)
        assert.deepEqual([stats?.in, stats?.out, stats?.dropped['bad-line'], stats?.balance], [3, 2, 1, 0])
      }
    })
  }

  it('a capture cut in its header', async context => {
    const path = join(scratch(context), 'cut.pcap')
    writeFileSync(path, Buffer.from('d4c3b2a10200', 'hex'))
    const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', path])
    assert.equal(stdout, '')
    assert.match(stderr, /^netally flow-recv: .*cut\.pcap/)
    assert.ok(status === 0 || status === 1, `status ${status}`)
  })

  it('a file that is no capture', async context => {
    const path = join(scratch(context), 'notes.txt')
    writeFileSync(path, 'meeting at noon, bring the router\n')
    const { stderr, status } = await netally(['flow-recv', '--pcap', path])
    assert.match(stderr, /^netally flow-recv: .*notes\.txt/)
    assert.equal(status, 1)
  })

  it('a capture that is not there', async () => {
    const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', 'nowhere.pcap'])
    assert.equal(stdout, '')
    assert.match(stderr, /^netally flow-recv: .*nowhere\.pcap/)
    assert.ok(status === 1 || status === 2, `status ${status}`)
  })

  it('datagrams of random octets are counted, and the flows around them come out', async context => {
    const path = join(scratch(context), 'noise.pcap')
    let seed = 7
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return (seed >>> 16) & 255
    }
    const noise = Array.from({ length: 50 }, (_, index) => {
      const octets = Uint8Array.from({ length: 1 + index * 20 }, next)
      // Half of them claim to be NetFlow v5, v9 or IPFIX.
      if (index % 2 === 0) octets.set([0, [5, 9, 10][index % 3] as number].slice(0, octets.length))
      return octets
    })
    writeBigCapture(path, DATAGRAMS, noise)
    const { stdout, stderr, status } = await netally(['flow-recv', '--pcap', path, '--udp-port', '2055', '--stats'])
    assert.equal(status, 0, stderr)
    assert.doesNotMatch(stderr, /bug in netally/)
    const sources = records(stdout).filter(record => record.peer_ip_src === '192.0.2.1' && record.port_dst === 443)
    assert.ok(sources.length >= DATAGRAMS * FLOWS_PER_DATAGRAM)
    const [stats] = statsLines(stderr)
    assert.equal(stats?.balance, 0)
    assert.ok(
      Object.keys(stats?.counters ?? {}).some(name => name.startsWith('problems/')),
      stderr,
    )
  })

  it('a line of four megabytes and more is left out and counted', async () => {
    const long = `{"bytes":1,"label":"${'x'.repeat(5 << 20)}"}`
    const { stdout, stderr, status } = await netally(['aggregate', '--stats'], `{"bytes":1}\n${long}\n{"bytes":2}\n`)
    assert.equal(status, 0, stderr)
    assert.deepEqual(records(stdout), [{ bytes: 3 }])
    const [stats] = statsLines(stderr)
    assert.equal(stats?.balance, 0)
    assert.match(stderr, /line 2/)
  })

  it('input without a last line feed, with carriage returns, and none at all', async () => {
    const { stdout } = await netally(['aggregate'], '{"bytes":1}\r\n\r\n{"bytes":2}')
    assert.deepEqual(records(stdout), [{ bytes: 3 }])
    assert.deepEqual(await netally(['aggregate']), { stdout: '', stderr: '', status: 0 })
  })
})
