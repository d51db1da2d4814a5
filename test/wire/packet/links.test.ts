// Every link type and what may stand before IP on it; tshark is the judge of frames that are not in the capture reader's own list.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import { test } from 'node:test'
import { pcapHeader, pcapRecord } from '../../../src/wire/capture/write.ts'
import { without } from '../../services/programs.ts'
import { framesByTshark } from '../../services/tshark.ts'
import { scratch } from '../../support/cli.ts'
import { ethernet, hex, join } from '../capture/captures.ts'
import { FRAMES, IPV4 } from '../capture/link-frames.ts'
import { Packets } from './packets.ts'

const INNER = ethernet('0800', IPV4)
const PFLOG = join(hex('3d 02 00 00'), Buffer.alloc(60))
const MORE: readonly (readonly [name: string, linkType: number, frame: Uint8Array])[] = [
  ['PPPoE without Ethernet', 51, join(hex('1100 0001 0025 0021'), IPV4)],
  ['PPP with a direction', 204, join(hex('01 ff03 0021'), IPV4)],
  ['OpenBSD encapsulation', 109, join(hex('02000000 00000000 00000000'), IPV4)],
  ['OpenBSD packet filter', 117, join(PFLOG, IPV4)],
  ['802.1BR E-TAG', 1, ethernet('893f 0001 0002 0000 0800', IPV4)],
  ['802.1ah backbone', 1, ethernet('88e7 00000001', INNER)],
  ['FabricPath', 1, ethernet('8903 0001', INNER)],
]
/** tshark 4.0 reads these two otherwise: E-TAG needs a preference, FabricPath is guessed. */
const NOT_JUDGED: ReadonlySet<string> = new Set(['802.1BR E-TAG', 'FabricPath'])

test('all ways to an IP packet', () => {
  for (const [name, linkType, frame] of [...FRAMES, ...MORE]) {
    const [row] = new Packets().take({ linkType, frame })
    assert.ok(row?.ip_src && Number(row.port_dst) > 0, `${name}: ${JSON.stringify(row)}`)
  }
})

test('MPLS without Ethernet: the labels, too', () => {
  const [row] = new Packets().take({ linkType: 219, frame: join(hex('00064040 00065140'), IPV4) })
  assert.deepEqual([row?.mpls_label_stack, row?.ip_proto], [[100, 101], 'udp'])
})

test('802.11 and others that are not read are counted, told once, and no record', () => {
  const packets = new Packets()
  assert.deepEqual(packets.take(...[105, 127, 105].map(linkType => ({ linkType, frame: INNER }))), [])
  assert.equal(packets.counts.get('packets-dropped/unknown-link-type'), 3)
  assert.deepEqual(packets.codes, ['capture/unknown-link-type', 'capture/unknown-link-type'])
})

test('tshark finds the same addresses', { skip: without('tshark') }, context => {
  for (const [name, linkType, frame] of MORE.filter(([name]) => !NOT_JUDGED.has(name))) {
    const path = joinPath(scratch(context), 'one.pcap')
    writeFileSync(path, Buffer.concat([pcapHeader(linkType), pcapRecord(0, frame)]))
    const [seen] = framesByTshark(path, ['ip.src', 'ip.dst', 'udp.srcport'])
    const [row] = new Packets().take({ linkType, frame })
    assert.deepEqual([row?.ip_src, row?.ip_dst, String(row?.port_src)], Object.values(seen ?? {}).flat(), name)
  }
})
