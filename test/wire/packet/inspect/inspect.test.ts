// What applications say in the clear, with tshark as judge of the same frames.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pcapHeader, pcapRecord } from '../../../../src/wire/capture/write.ts'
import { without } from '../../../services/programs.ts'
import { scratch } from '../../../support/cli.ts'
import { random } from '../../../support/random.ts'
import { hex } from '../frames.ts'
import { Packets } from '../packets.ts'
import { APPLICATIONS, NAME, TLS, tcp, udp } from './application-frames.ts'

const FIELDS = [
  'tls_sni',
  'tls_alpn',
  'tls_ja4',
  'dns_query',
  'dns_type',
  'dns_rcode',
  'dns_answers',
  'http_method',
  'http_host',
]
const read = (frame: Uint8Array, flows = false): object[] => {
  const packets = new Packets({}, flows ? {} : undefined, { fields: FIELDS, rest: false })
  return [...packets.take({ frame }), ...packets.finish()]
}

for (const [name, [frame, said]] of Object.entries(APPLICATIONS)) {
  test(`${name}: what is said`, () => {
    assert.deepEqual(read(frame), [said])
    assert.deepEqual(read(frame, true), [said])
  })
}

test('a flow says what one of its packets said', () => {
  const packets = new Packets({}, {}, { fields: ['tls_sni', 'packets'], rest: false })
  packets.take({ frame: tcp(new Uint8Array(0)) }, { at: 1, frame: tcp(TLS) }, { at: 2, frame: tcp(new Uint8Array(5)) })
  assert.deepEqual(packets.finish(), [{ tls_sni: NAME, packets: 3 }])
})

test('nothing is looked for unless it is asked for by name', () => {
  const record = new Packets().take({ frame: (APPLICATIONS.tls as readonly [Uint8Array, object])[0] })[0] ?? {}
  assert.deepEqual(
    Object.keys(record).filter(name => FIELDS.includes(name)),
    [],
  )
})

test('half a message has its name, but no fingerprint', () => {
  assert.deepEqual(read(tcp(TLS.subarray(0, 140))), [{ tls_sni: NAME }])
})

test('damaged messages never throw, and names never loop', () => {
  const from = random(3)
  for (const [frame] of Object.values(APPLICATIONS)) {
    for (let count = 0; count < 2000; count++) {
      const octets = Uint8Array.from(frame)
      for (let times = 1 + from.whole(4); times > 0; times--)
        octets[34 + from.whole(octets.length - 34)] = from.whole(256)
      read(octets.subarray(0, 34 + from.whole(octets.length - 34)))
      read(octets)
    }
  }
  assert.deepEqual(read(udp(hex('1234 0100 0001 0000 0000 0000 c00c 0001 0001'), 53)), [{}])
})

test('tshark sees the same', { skip: without('tshark') }, context => {
  const path = join(scratch(context), 'said.pcap')
  const frames = Object.values(APPLICATIONS).map(([frame], index) => pcapRecord(index * 1e6, frame))
  writeFileSync(path, Buffer.concat([pcapHeader(), ...frames]))
  const names = [
    'tls.handshake.extensions_server_name',
    'tls.handshake.extensions_alpn_str',
    'dns.qry.name',
    'dns.cname',
    'dns.a',
    'http.host',
  ]
  const words = ['-r', path, '-T', 'fields', ...names.flatMap(name => ['-e', name])]
  const lines = execFileSync('tshark', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')
  assert.deepEqual(
    lines.slice(0, 5).map(line => line.split('\t')),
    [
      [NAME, 'h2,http/1.1', '', '', '', ''],
      [NAME, 'h2,http/1.1', '', '', '', ''],
      ['', '', NAME, '', '', ''],
      ['', '', NAME, 'cdn.example.net', '192.0.2.7', ''],
      ['', '', '', '', '', NAME],
    ],
  )
})
