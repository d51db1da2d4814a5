// What is called unreachable is never met, whatever comes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { parsePreTagMap } from '../../src/maps/pre-tag-map.ts'
import { unreachable } from '../../src/maps/unreachable.ts'
import { numbers } from './numbers.ts'

test('rows called unreachable are met by no record', () => {
  const next = numbers(11)
  const pick = (from: readonly string[]) => from[next(from.length)] as string
  const values: { readonly [key: string]: readonly string[] } = {
    ip: ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.1', '0.0.0.0/0', '2001:db8::/32'],
    in: ['1', '2', '1,2', '-1', '1-2', '-1,2'],
    src_net: ['10.0.0.0/8', '-10.0.0.0/8', '10.1.0.0/16,10.2.0.0/16'],
    comms: ['65000:1', '65000:1,65000:2', '-65000:1'],
    vlan: ['0', '5', '-0'],
  }
  let called = 0
  for (let round = 0; round < 400; round++) {
    const rows = Array.from({ length: 2 + next(12) }, (_, tag) => {
      const keys = Object.keys(values).filter(() => next(3) === 0)
      const jump = next(6) === 0 ? ' jeq=next' : next(8) === 0 ? ' jeq=far' : ''
      return `set_tag=${tag}${keys.map(key => ` ${key}=${pick(values[key] as string[])}`).join('')}${jump}`
    })
    rows.push('set_tag=99 vlan=77 label=far')
    const map = parsePreTagMap(rows.join('\n'), 'x.map')
    if (isProblem(map)) assert.fail(map.message)
    const dead = unreachable(map.rules.rules, map.jumpTargets)
    called += dead.size
    for (let asked = 0; asked < 40; asked++) {
      const record: NetRecord = {
        ...(next(6) ? { peer_ip_src: pick(['10.1.1.1', '10.1.2.2', '10.2.2.2', '11.0.0.1', '2001:db8::1']) } : {}),
        ...(next(4) ? { iface_in: next(4) } : {}),
        ...(next(4) ? { ip_src: pick(['10.1.2.3', '10.2.0.1', '10.3.0.1', '12.0.0.1']) } : {}),
        ...(next(4) ? { comms: [pick(['65000:1', '65000:2', '65000:3'])] } : {}),
        ...(next(2) ? { vlan: pick(['0', '5', '77']) === '5' ? 5 : 77 } : {}),
      }
      for (const { number } of map.explain(record).hits)
        assert.equal(dead.has(number), false, `${rows.join('\n')}\n${JSON.stringify(record)} meets row ${number}`)
    }
  }
  assert.ok(called > 200, `${called} rows`)
})
