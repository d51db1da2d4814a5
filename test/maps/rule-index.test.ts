import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { columnsOf } from '../../src/maps/explain.ts'
import { type PreTagMap, parsePreTagMap } from '../../src/maps/pre-tag-map.ts'
import { emptyOutcome } from '../../src/maps/tag-action.ts'

/** Deterministic numbers below `below` (xorshift). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Next = (below: number) => number

/** Keys with values from small sets, so that rows and records often meet. */
const CONDITIONS: readonly ((next: Next) => string)[] = [
  next => `ip=10.${next(2)}.${next(3)}.0/${[8, 16, 23, 24, 0][next(5)]}`,
  next => `ip=2001:db8:${next(2)}::/${[32, 48, 64][next(3)]}`,
  next => `in=${minus(next)}${next(4)}`,
  next => `out=${next(3)},${3 + next(3)}`,
  next => `out=${minus(next)}${next(3)}-${3 + next(3)}`,
  next => `src_net=${minus(next)}10.${next(2)}.0.0/${[8, 15, 16, 17][next(4)]}`,
  next => `dst_net=10.${next(2)}.${next(2)}.0/${[16, 24, 32][next(3)]},2001:db8::/32`,
  next => `src_as=${minus(next)}${next(3)}`,
  next => `ip_proto=${['tcp', 'udp', '1'][next(3)]}`,
  next => `dst_roa=${['v', 'i', 'u,i'][next(3)]}`,
  next => `comms=65000:${next(3)},65000:${next(3)}`,
  next => `filter='src net 10.${next(2)}.0.0/16 or port ${next(3)}'`,
  next => `vlan=${next(3)}`,
  next => `dst_port=${minus(next)}${next(70)},${next(100)}-${100 + next(60_000)}`,
  next => `timestamp_start=${next(3)}.5-${3 + next(3)}`,
]

function minus(next: Next): string {
  return next(4) === 0 ? '-' : ''
}

function someRow(next: Next, number: number): string {
  const words = [`set_tag=${number + 1}`]
  const used = new Set<string>()
  for (let count = next(4); count > 0; count--) {
    const word = (CONDITIONS[next(CONDITIONS.length)] as (next: Next) => string)(next)
    const key = word.split('=')[0] as string
    if (!used.has(key)) words.push(word)
    used.add(key)
  }
  if (next(5) === 0) words.push('stack=sum')
  if (next(4) === 0) words.push('jeq=next')
  else if (next(6) === 0) words.push('jeq=last')
  return words.join(' ')
}

function someRecord(next: Next): NetRecord {
  const record: NetRecord = {}
  const perhaps = (name: string, value: NetRecord[string]) => {
    if (next(6) > 0) record[name] = value
  }
  const six = next(3) === 0
  const address = () => (six ? `2001:db8:${next(2)}::${next(3)}` : `10.${next(2)}.${next(3)}.${next(3)}`)
  perhaps('peer_ip_src', address())
  perhaps('iface_in', next(4))
  perhaps('iface_out', next(7))
  perhaps('ip_src', address())
  perhaps('ip_dst', address())
  perhaps('as_src', next(3))
  perhaps('ip_proto', ['tcp', 'udp', 'icmp'][next(3)] as string)
  perhaps('port_src', next(4))
  perhaps('roa_dst', ['v', 'i', 'u'][next(3)] as string)
  perhaps('comms', [`65000:${next(4)}`, '65000:9'])
  perhaps('vlan_in', next(3))
  perhaps('port_dst', next(2) ? next(130) : next(65_536))
  perhaps('timestamp_start', next(12) / 2)
  return record
}

function parsed(text: string): PreTagMap {
  const map = parsePreTagMap(text, 'random.map')
  if (isProblem(map)) assert.fail(map.message)
  return map
}

test('the index finds what asking row after row finds', () => {
  const next = numbers(11)
  let met = 0
  for (let round = 0; round < 60; round++) {
    const rows = Array.from({ length: 1 + next(80) }, (_, number) => someRow(next, number))
    const text = [...rows, 'set_tag2=1 label=last in=1'].join('\n')
    const map = parsed(text)
    for (let count = 0; count < 60; count++) {
      const record = someRecord(next)
      const outcome = emptyOutcome()
      if (map.evaluate(columnsOf(map.fields, record), 0, outcome)) met++
      assert.deepEqual(outcome, map.explain(record).outcome, `${JSON.stringify(record)}\n${text}`)
    }
  }
  assert.ok(met > 1000, `only ${met} records met a row`)
})

test('more kinds of rows than the index has tables for are still found', () => {
  const keys = ['in', 'out', 'vlan', 'src_port', 'dst_port', 'src_as', 'dst_as', 'tos']
  const rows: string[] = []
  for (let bits = 1; bits < 2 ** keys.length; bits++) {
    const words = keys.filter((_, place) => (bits >> place) & 1).map(key => `${key}=1`)
    rows.push(`set_tag=${bits} ${words.join(' ')}`)
  }
  const map = parsed(rows.reverse().join('\n'))
  const outcome = emptyOutcome()
  map.evaluate(columnsOf(map.fields, { iface_in: 1, vlan: 1, port_dst: 1 }), 0, outcome)
  assert.equal(outcome.tag, 0b10101)
  map.evaluate(columnsOf(map.fields, { iface_in: 2, tos: 1, as_dst: 1 }), 0, outcome)
  assert.equal(outcome.tag, 0b11000000)
})
