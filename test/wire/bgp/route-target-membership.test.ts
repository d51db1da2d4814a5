import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HEADER_OCTETS } from '../../../src/wire/bgp/message.ts'
import { isBgpProblem } from '../../../src/wire/bgp/notification.ts'
import { writeDefaultMembership } from '../../../src/wire/bgp/route-target-membership.ts'
import { PLAIN_SESSION } from '../../../src/wire/bgp/session-state.ts'
import { readUpdate } from '../../../src/wire/bgp/update.ts'

function read(octets: Uint8Array, as4 = true) {
  const update = readUpdate(octets, new DataView(octets.buffer), HEADER_OCTETS, octets.length, {
    ...PLAIN_SESSION,
    as4,
  })
  assert.ok(!isBgpProblem(update))
  assert.deepEqual(update.problems, [])
  return update
}

test('every route target, then the end of the family; inside of an AS and between two', () => {
  for (const [isInternal, as4, path] of [
    [true, true, []],
    [false, true, [70_000]],
    [false, false, [70_000 & 0xffff]],
  ] as const) {
    for (const address of ['192.0.2.254', '2001:db8::1']) {
      const [first, last] = writeDefaultMembership({ as: 70_000, address, isInternal, as4 })
      const update = read(first as Uint8Array, as4)
      const [set] = update.announced
      assert.deepEqual([set?.afi, set?.safi, set?.nextHop], [1, 132, address])
      assert.deepEqual(
        set?.routes.map(({ fields }) => fields),
        [{ rtc_target: 'default' }],
      )
      assert.deepEqual(update.attributes.values.as_path, path)
      assert.equal(update.attributes.values.local_pref, isInternal ? 100 : undefined)
      assert.deepEqual(read(last as Uint8Array).endOfRib, { afi: 1, safi: 132 })
    }
  }
})
