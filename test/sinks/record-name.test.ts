import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ProblemError } from '../../src/contract/problem.ts'
import { recordId } from '../../src/sinks/record-id.ts'
import { byName, recordName } from '../../src/sinks/record-name.ts'

const DAY = 86_400

describe('names made of records', () => {
  it('fields by name or primitive, and the time of the bin', () => {
    const name = recordName('flows.$src_host.$tag.%Y%m%d')
    assert.equal(name.of({ ip_src: '192.0.2.1', tag: 5, stamp_inserted: DAY }, 0), 'flows.192.0.2.1.5.19700102')
    assert.equal(name.isFixed, false)
    assert.deepEqual(name.fields.slice(0, 2), ['ip_src', 'tag'])
  })

  it('a record without a time has that of its delivery', () => {
    assert.equal(recordName('%Y%m%d').of({}, 2 * DAY * 1000), '19700103')
  })

  it('letters that are not allowed become _, and long values are cut', () => {
    const name = recordName('x.$label', { longestValue: 8 })
    assert.equal(name.of({ label: 'a/b c\n*ü' }, 0), 'x.a_b_c___')
    assert.equal(name.of({ label: '0123456789' }, 0), 'x.01234567')
    assert.equal(recordName('x.$label', { absent: 'nobody' }).of({}, 0), 'x.nobody')
  })

  it('values that look alike have names of their own', () => {
    const name = recordName('$label-$tag')
    assert.equal(name.of({ label: 'a\n1' }, 0), 'a_1-none')
    assert.equal(name.of({ label: 'a', tag: 1 }, 0), 'a-1')
  })

  it('a variable that is none is told', () => {
    assert.throws(
      () => recordName('flows.$nonsense'),
      error => error instanceof ProblemError && error.problem.code === 'usage/unknown-variable',
    )
  })

  it('records of a delivery by name, with their places', () => {
    const records = [{ tag: 1 }, { tag: 2 }, { tag: 1 }]
    const groups = byName({ records, takenMs: 0 }, recordName('t$tag'))
    assert.deepEqual(
      [...groups].map(([of, group]) => [of, group.map(({ index }) => index)]),
      [
        ['t1', [0, 2]],
        ['t2', [1]],
      ],
    )
  })
})

describe('ids of records', () => {
  const id = recordId()

  it('the key and the bin, whatever the counters and the order of keys are', () => {
    const one = id({ src_as: 1, bytes: 5, stamp_inserted: 60, stamp_updated: 61 })
    assert.equal(id({ stamp_inserted: 60, bytes: 7, packets: 1, src_as: 1, stamp_updated: 99 }), one)
    assert.match(one, /^[\w-]{27}$/)
    assert.notEqual(id({ src_as: 2, stamp_inserted: 60 }), one)
    assert.notEqual(id({ src_as: 1, stamp_inserted: 120 }), one)
  })

  it('a number is not its text, an absent value no value', () => {
    assert.notEqual(id({ label: '1' }), id({ label: 1 }))
    assert.notEqual(id({ label: '' }), id({}))
  })

  it('chosen fields, by pmacct primitive, always with the bin', () => {
    const chosen = recordId(['src_host'])
    assert.equal(chosen({ ip_src: '192.0.2.1', port_src: 1 }), chosen({ ip_src: '192.0.2.1', port_src: 2 }))
    assert.notEqual(
      chosen({ ip_src: '192.0.2.1', stamp_inserted: 1 }),
      chosen({ ip_src: '192.0.2.1', stamp_inserted: 2 }),
    )
  })
})
