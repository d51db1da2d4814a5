import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAMILY_NAMES, parseFamily } from '../../../src/wire/bgp/family-names.ts'
import { NLRI_READERS } from '../../../src/wire/bgp/nlri/families.ts'

test('every family that is read has a name, by which and by its numbers it is found', () => {
  assert.deepEqual([...FAMILY_NAMES.values()].sort(), [...NLRI_READERS.keys()].sort())
  for (const [name, family] of FAMILY_NAMES) {
    assert.equal(parseFamily(name), family)
    assert.equal(parseFamily(`${family >> 8}/${family & 255}`), family)
  }
  for (const none of ['ipv5', '1/3', '1', '', '1/1/1', '65537/1']) assert.equal(parseFamily(none), undefined, none)
})
