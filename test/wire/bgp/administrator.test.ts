// RFC 4360 section 3, RFC 5668, RFC 4364 section 4.2: both numbers by type, and what fits in neither.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extendedCommunityOctets } from '../../../src/wire/bgp/attributes/community-octets.ts'
import { rdOctets } from '../../../src/wire/flow/export/octet-fields.ts'

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
    ['Redirect:64500:9', undefined],
    ['toString:1:1', undefined],
  ] as const) {
    assert.equal(hex(extendedCommunityOctets(text)), expected, text)
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
