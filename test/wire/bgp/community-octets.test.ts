// Extended communities (RFC 4360, 5668, 7153, 7432, 8955) and route distinguishers (RFC 4364 section 4.2) from their texts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extendedCommunityOctets } from '../../../src/wire/bgp/attributes/community-octets.ts'
import { extendedCommunityText } from '../../../src/wire/bgp/attributes/extended-community.ts'
import { rdOctets } from '../../../src/wire/flow/export/octet-fields.ts'
import { random } from '../../support/random.ts'

const TYPES = [0, 1, 2, 3, 6, 0x40, 0x43, 0x80, 0x81, 0x82]
const hex = (octets: Uint8Array | undefined): string | undefined => octets && Buffer.from(octets).toString('hex')

test('extended communities', () => {
  for (const [text, expected] of [
    ['RT:64500:3', '0002fbf400000003'],
    ['RT:64500:4294967295', '0002fbf4ffffffff'],
    ['SoO:192.0.2.1:7', '0103c00002010007'],
    ['RT:65536:7', '0202000100000007'],
    ['0x030b0000deadbeef', '030b0000deadbeef'],
    ['RT:65536:65536', undefined],
    ['RT:64500:4294967296', undefined],
    ['RT:4294967296:1', undefined],
    ['RT:192.0.2.256:1', undefined],
    ['RT:192.0.2.1:65536', undefined],
    ['OSPF-Domain-Id:192.0.2.1:512', '0105c00002010200'],
    ['OSPF-Route-Type:0.0.0.1:5:1', '0306000000010501'],
    ['Color:100', '030b000000000064'],
    ['Color:0x8000:100', '030b800000000064'],
    ['Encap:8', '030c000000000008'],
    ['Encap:65536', undefined],
    ['Default-Gateway', '030d000000000000'],
    ['Default-Gateway:1', undefined],
    ['MAC-Mobility:sticky:4', '0600010000000004'],
    ['ESI-Label:1:1000', '0601010000003e80'],
    ['ES-Import:02:00:00:00:00:07', '0602020000000007'],
    ['RMAC:02:00:00:00:00', undefined],
    ['Rate:64500:1250000', '8006fbf449989680'],
    ['Action:sample+terminal', '8007000000000003'],
    ['Action:none', '8007000000000000'],
    ['Redirect:64500:9', '8008fbf400000009'],
    ['Redirect:192.0.2.1:9', '8108c00002010009'],
    ['Mark:46', '800900000000002e'],
    ['Mark:256', undefined],
    ['no such community', undefined],
    ['RT:1.5:1', undefined],
    ['toString:1:1', undefined],
  ] as const) {
    assert.equal(hex(extendedCommunityOctets(text)), expected, text)
  }
})

test('every text that octets have is read back', () => {
  const from = random(5)
  for (let round = 0; round < 20_000; round++) {
    const octets = Buffer.from(Array.from({ length: 8 }, () => from.pick([0, 1, 255, from.whole(256)])))
    octets[0] = from.pick(TYPES)
    octets[1] = from.whole(16)
    const view = new DataView(octets.buffer, octets.byteOffset, 8)
    const text = extendedCommunityText(octets, view, 0)
    const again = extendedCommunityOctets(text)
    assert.ok(again, text)
    assert.equal(extendedCommunityText(again, new DataView(again.buffer, again.byteOffset), 0), text)
  }
})

test('route distinguishers', () => {
  for (const [text, expected] of [
    ['0:64500:4', '0000fbf400000004'],
    ['1:192.0.2.1:7', '0001c00002010007'],
    ['2:65536:7', '0002000100000007'],
    ['0:0:0', undefined],
    ['0:65536:1', undefined],
    ['1:192.0.2:1', undefined],
    ['2:1:65536', undefined],
    ['3:1:1', undefined],
  ] as const) {
    assert.equal(hex(rdOctets(text)), expected, text)
  }
})
