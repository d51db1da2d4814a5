import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OctetStore } from '../../src/lookup/octet-store.ts'
import { random as randomOf } from '../support/random.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function intern(store: OctetStore, text: string): number {
  const octets = encoder.encode(`xyz${text}`)
  return store.intern(octets, new DataView(octets.buffer), 3, octets.length)
}
const textOf = (store: OctetStore, id: number): string => decoder.decode(store.octets(id))

describe('octet store', () => {
  it('keeps equal strings once, while somebody uses them', () => {
    const store = new OctetStore()
    const first = intern(store, 'as_path')
    assert.equal(intern(store, 'as_path'), first)
    assert.notEqual(intern(store, 'as_patH'), first)
    assert.deepEqual([store.count, store.size], [2, 14])
    store.release(first)
    assert.equal(textOf(store, first), 'as_path')
    store.release(first)
    assert.deepEqual([store.count, store.size], [1, 7])
  })

  it('the empty string is 0', () => {
    const store = new OctetStore()
    assert.equal(intern(store, ''), 0)
    assert.equal(store.octets(0).length, 0)
    store.release(0)
  })

  it('is as a map with counters, whatever comes and goes', () => {
    const store = new OctetStore()
    const random = randomOf(1)
    const uses = new Map<number, { text: string; count: number }>()
    for (let step = 0; step < 60_000; step++) {
      if (random.whole(5) < 3 || uses.size === 0) {
        const text =
          'é'.repeat(random.whole(40)) + '\0'.repeat(random.whole(9)) + String(random.whole(step < 20_000 ? 9000 : 300))
        const id = intern(store, text)
        const known = uses.get(id)
        if (known) {
          assert.equal(known.text, text)
          known.count++
        } else uses.set(id, { text, count: 1 })
      } else {
        const id = [...uses.keys()][random.whole(Math.min(uses.size, 50))] as number
        const known = uses.get(id) as { text: string; count: number }
        store.release(id)
        if (--known.count === 0) uses.delete(id)
      }
    }
    assert.equal(store.count, uses.size)
    for (const [id, { text }] of uses) assert.equal(textOf(store, id), text)
    assert.equal(
      store.size,
      [...uses.values()].reduce((sum, { text }) => sum + encoder.encode(text).length, 0),
    )
  })

  it('pinned, it forgets nothing', () => {
    const store = new OctetStore()
    const [gone, used] = [intern(store, 'gone'), intern(store, 'used again')]
    store.pin()
    store.release(gone)
    store.release(used)
    assert.notEqual(intern(store, 'new'), gone)
    assert.equal(textOf(store, gone), 'gone')
    assert.equal(intern(store, 'used again'), used)
    store.unpin()
    assert.deepEqual([store.count, textOf(store, used)], [2, 'used again'])
  })

  it('is full at its limit', () => {
    const store = new OctetStore(100_000)
    const ids: number[] = []
    for (let text = 10_000; text < 40_000; text++) {
      const id = intern(store, String(text))
      if (id > 0) ids.push(id)
    }
    assert.equal(ids.length, 20_000)
    store.release(ids[0] as number)
    assert.ok(intern(store, '99999') > 0)
    assert.equal(intern(store, '99998'), -1)
  })
})
