// What is in tunnels, judged by tshark on the same frames.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { type Column, makeColumn, takeValue } from '../../../src/fields/column.ts'
import { knownField } from '../../../src/fields/dictionary.ts'
import type { Field } from '../../../src/fields/field.ts'
import { pcapHeader, pcapRecord } from '../../../src/wire/capture/write.ts'
import { dissect } from '../../../src/wire/packet/dissect.ts'
import { ETHERNET_LAYER } from '../../../src/wire/packet/layer.ts'
import { Packet } from '../../../src/wire/packet/packet.ts'
import { packetWriter } from '../../../src/wire/packet/parts.ts'
import { parseTunnelPort, tunnelPorts } from '../../../src/wire/packet/tunnel-ports.ts'
import { without } from '../../services/programs.ts'
import { scratch } from '../../support/cli.ts'
import { hex, IPV4_TCP } from './frames.ts'
import { TUNNELS } from './tunnel-frames.ts'

function read(octets: Uint8Array, names: readonly string[], inner = false, packet = new Packet()): unknown[] {
  packet.clear()
  dissect(ETHERNET_LAYER, new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length, packet)
  return names.map(name => {
    const field = knownField(name) as Field
    const column: Column = makeColumn(field, 1)
    packetWriter(name, column, inner)?.(packet, 0)
    return takeValue(field, column, 0)
  })
}

describe('tunnels', () => {
  for (const [name, { type, id, octets, source, port }] of Object.entries(TUNNELS)) {
    it(name, () => {
      const names = ['tunnel_type', 'tunnel_id', 'tunnel_ip_src', 'tunnel_port_src']
      assert.deepEqual(read(octets, names), [type, id, source, port])
      assert.deepEqual(read(octets, ['ip_src', 'port_src'], true), [source, port])
      assert.deepEqual(read(octets, ['tunnel_ip_src', 'tunnel_port_src'], true), [undefined, undefined])
    })
  }
})

test('outer and inner headers are told apart', () => {
  const { octets } = TUNNELS.vxlan as { octets: Uint8Array }
  assert.deepEqual(
    read(octets, [
      'mac_src',
      'ip_src',
      'ip_proto',
      'port_dst',
      'tunnel_mac_src',
      'tunnel_ip_proto',
      'tunnel_tcp_flags',
      'vxlan',
    ]),
    ['02:00:00:00:00:01', '192.0.2.1', 'udp', 4789, '0a:00:00:00:00:01', 'tcp', 24, 5001],
  )
  assert.deepEqual(read(octets, ['mac_src', 'bytes', 'etype'], true), ['0a:00:00:00:00:01', 52, '800'])
  assert.deepEqual(read(TUNNELS.srv6?.octets as Uint8Array, ['srv6_seg_ipv6_list', 'ip_proto']), [
    ['2001:db8:a::1', '2001:db8:b::2'],
    'ipencap',
  ])
})

test('a packet after one in a tunnel has none', () => {
  const packet = new Packet()
  read(TUNNELS.gre?.octets as Uint8Array, ['ip_src'], false, packet)
  const plain = hex('020000000002 020000000001 0800', IPV4_TCP)
  assert.deepEqual(read(plain, ['ip_src', 'tunnel_ip_src', 'tunnel_type'], false, packet), [
    '10.0.0.1',
    undefined,
    undefined,
  ])
})

test('ports of tunnels can be added', () => {
  const { octets } = TUNNELS.vxlan as { octets: Uint8Array }
  const moved = Uint8Array.from(octets)
  moved.set([0x30, 0x39], 14 + 20 + 2)
  assert.deepEqual(read(moved, ['tunnel_type']), [undefined])
  const added = parseTunnelPort('vxlan, 12345')
  if (!('length' in added)) throw new Error(added.message)
  assert.deepEqual(read(moved, ['tunnel_type'], false, new Packet(tunnelPorts([added]))), ['vxlan'])
  assert.ok('code' in parseTunnelPort('vxlan:70000'))
  assert.ok('code' in parseTunnelPort('toString:1'))
})

/** tshark's own words for what is in the frame: the last of each. */
function judge(folder: string): string[][] {
  const path = join(folder, 'tunnels.pcap')
  const frames = Object.values(TUNNELS).map(({ octets }, index) => pcapRecord(index * 1e6, octets))
  writeFileSync(path, Buffer.concat([pcapHeader(), ...frames]))
  const fields = ['ip.src', 'ipv6.src', 'tcp.srcport', 'udp.srcport', '_ws.malformed'].flatMap(name => ['-e', name])
  const options = ['-d', 'udp.port==4790,vxlan_gpe', '-o', 'ip.defragment:FALSE', '-d', 'mpls.label==69,pwethcw']
  const text = execFileSync('tshark', ['-r', path, ...options, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.split('\n').map(line => line.split('\t'))
}

test('tshark sees the same', { skip: without('tshark') }, context => {
  const lines = judge(scratch(context))
  const last = (text = ''): string => text.split(',').at(-1) as string
  for (const [index, [name, { source, port }]] of Object.entries(TUNNELS).entries()) {
    const [ip4, ip6, tcp, udp] = lines[index] as string[]
    const isSix = source.includes(':')
    assert.equal(last(isSix ? ip6 : ip4), source, name)
    assert.equal(Number(last(isSix ? udp : tcp)), port, name)
  }
})
