import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pcapHeader, pcapRecord } from '../../../src/wire/capture/write.ts'
import { without } from '../../services/programs.ts'
import { records, scratch, shell } from '../../support/cli.ts'
import { CASES, skipCorpus } from '../../support/corpus.ts'
import { START_S, tcpFrame, udpFrame } from './packets.ts'

const FRAMES: readonly (readonly [at: number, frame: Uint8Array])[] = [
  [0, tcpFrame(1, 2, 2)],
  [1, tcpFrame(2, 1, 18)],
  [2, udpFrame(3, 4, 8)],
  [3, tcpFrame(1, 2, 16)],
  [100, tcpFrame(1, 2, 16)],
]

function folderOf(context: TestContext): string {
  const folder = scratch(context)
  const packets = FRAMES.map(([at, frame]) => pcapRecord((START_S + at) * 1e6, frame))
  writeFileSync(join(folder, 'all.pcap'), Buffer.concat([pcapHeader(), ...packets]))
  return folder
}

/** Seconds after the start of the packets that come out. */
async function sliced(cwd: string, lines: readonly object[], flags = ''): Promise<number[]> {
  writeFileSync(join(cwd, 'r.ndjson'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  const { status, stderr } = await shell(`netally slice all.pcap --records r.ndjson --stats ${flags} > out.pcap`, '', {
    cwd,
  })
  assert.equal(status, 0, stderr)
  assert.match(stderr, /"balance":0/)
  const { stdout } = await shell('netally packet-recv --pcap out.pcap --fields timestamp_arrival', '', { cwd })
  return records(stdout).map(row => Number(row.timestamp_arrival) - START_S)
}

const TCP = { ip_src: '10.0.0.1', ip_dst: '10.0.0.2', ip_proto: 'tcp', port_src: 1001, port_dst: 1002 }

test('by ends and times, one direction or both', async context => {
  const folder = folderOf(context)
  const window = { timestamp_start: START_S, timestamp_end: START_S + 10 }
  assert.deepEqual(await sliced(folder, [{ ...TCP, ...window }]), [0, 3])
  assert.deepEqual(await sliced(folder, [{ ...TCP, ...window, packets_reverse: 1 }]), [0, 1, 3])
  assert.deepEqual(await sliced(folder, [TCP]), [0, 3, 100])
  assert.deepEqual(await sliced(folder, [{ ip_src: '10.0.0.3' }]), [2])
  assert.deepEqual(await sliced(folder, [{ ...TCP, timestamp_arrival: START_S + 1 }], '--slack 2s'), [0, 3])
  assert.deepEqual(await sliced(folder, [{ ip_src: '192.0.2.1' }, { bytes: 5 }]), [])
})

test('by the number in the capture', async context => {
  assert.deepEqual(
    await sliced(folderOf(context), [{ frame_number: 2, ip_src: '10.0.0.1' }, { frame_number: 3 }]),
    [1, 2],
  )
})

test('flows lead back to all of their packets', async context => {
  const cwd = folderOf(context)
  const line = 'netally packet-recv --pcap all.pcap --flows --bidirectional | netally slice all.pcap > out.pcap'
  const { status, stderr } = await shell(line, '', { cwd })
  assert.equal(status, 0, stderr)
  assert.deepEqual(readFileSync(join(cwd, 'out.pcap')), readFileSync(join(cwd, 'all.pcap')))
  execFileSync('test', ['-s', join(cwd, 'out.pcap')])
})

/** The lines of both, without what differs by what came before. */
const flowLines = async (cwd: string, capture: string): Promise<string[]> => {
  const line = `netally flow-recv --pcap ${capture} --udp-port 6343 --fields export_proto_seqno,ip_src,port_src,bytes`
  return (await shell(line, '', { cwd })).stdout.trim().split('\n')
}

for (const id of ['gf2-nfv9', 'ls-netflow5-juniper-mx80', 'gp-sflow-sflowtestpacket1', 'ls-ipfix']) {
  test(`records of flow-recv lead back to their datagrams: ${id}`, { skip: skipCorpus }, async context => {
    const cwd = scratch(context)
    const capture = join(CASES, id, 'input.pcap')
    const all = await flowLines(cwd, capture)
    const receive = `netally flow-recv --pcap ${capture} --udp-port 6343`
    const { status, stderr } = await shell(`${receive} | netally slice ${capture} --templates > all.pcap`, '', { cwd })
    assert.equal(status, 0, stderr)
    assert.deepEqual(await flowLines(cwd, 'all.pcap'), all)
    await shell(`${receive} | tail -n 1 | netally slice ${capture} --templates > last.pcap`, '', { cwd })
    const last = await flowLines(cwd, 'last.pcap')
    assert.equal(last.at(-1), all.at(-1))
    await shell(
      `echo '{"peer_ip_src":"192.0.2.77","export_proto_version":9,"export_proto_seqno":1}' | netally slice ${capture} > none.pcap`,
      '',
      { cwd },
    )
    assert.deepEqual(await flowLines(cwd, 'none.pcap'), [''])
  })
}

test('captures of any kind: pcapng in gzip', { skip: without('editcap', 'gzip') }, async context => {
  const cwd = folderOf(context)
  await shell('editcap -F pcapng all.pcap all.pcapng && gzip all.pcapng', '', { cwd })
  const line = `echo '{"ip_src":"10.0.0.3"}' | netally slice all.pcapng.gz | netally packet-recv --pcap - --fields ip_src`
  assert.deepEqual(records((await shell(line, '', { cwd })).stdout), [{ ip_src: '10.0.0.3' }])
})
