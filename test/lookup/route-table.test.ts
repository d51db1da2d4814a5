import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makePrefix, type Prefix, prefixText } from '../../src/lookup/prefix.ts'
import { RouteTable } from '../../src/lookup/route-table.ts'
import { type Random, random as randomOf } from '../support/random.ts'

const encoder = new TextEncoder()

function text(table: RouteTable, value: string): number {
  const octets = encoder.encode(value)
  return table.texts.intern(octets, new DataView(octets.buffer), 0, octets.length)
}

const destination = (table: RouteTable, scope: number, { words: [a, b, c, d], length }: Prefix): number =>
  table.prefixes.make(scope, a, b, c, d, length)

function put(table: RouteTable, peer: number, scope: number, prefix: Prefix, path: number, value: string): boolean {
  return table.set(peer, destination(table, scope, prefix), path, { attributes: text(table, value), own: 0 })
}

function randomPrefix(random: Random): Prefix {
  const family = random.whole(3) === 0 ? 6 : 4
  const length = random.whole(family === 4 ? 33 : 129)
  return makePrefix(family, [random.whole(4) << 30, random.whole(2) << 31, 0, random.whole(2)], length)
}

/** Every route of a table as text, in the order of a snapshot. */
function listed(table: RouteTable): string[] {
  const snapshot = table.snapshot(peer => peer)
  const rows = snapshot.groups.flatMap(group =>
    [...snapshot.order(group)].map(entry => {
      const prefix = snapshot.prefix[entry] as number
      const value = new TextDecoder().decode(table.texts.octets(snapshot.attributes[entry] as number))
      const words = [0, 1, 2, 3].map(word => table.prefixes.word(prefix, word))
      return `${group.peer} ${group.scope} ${words}/${table.prefixes.length(prefix)} ${snapshot.path[entry]} ${value}`
    }),
  )
  snapshot.release()
  return rows
}

describe('route table', () => {
  it('is as a map, whatever comes and goes', () => {
    const table = new RouteTable()
    const random = randomOf(7)
    const model = new Map<string, string>()
    for (let step = 0; step < 30_000; step++) {
      const [peer, scope, path] = [random.whole(3), random.whole(2), random.whole(3)]
      const prefix = randomPrefix(random)
      const key = `${peer} ${scope} ${prefix.words}/${prefix.length} ${path}`
      const choice = random.whole(1000)
      if (choice < 600) {
        const value = `attributes ${random.whole(50)}`
        put(table, peer, scope, prefix, path, value)
        model.set(key, value)
      } else if (choice < 999) {
        const {
          words: [a, b, c, d],
          length,
        } = prefix
        const known = table.prefixes.find(scope, a, b, c, d, length)
        assert.equal(known !== 0 && table.remove(peer, known, path), model.delete(key))
      } else {
        table.removeWhere((known, its) => known === peer && its === scope)
        for (const other of [...model.keys()]) if (other.startsWith(`${peer} ${scope} `)) model.delete(other)
      }
      if (step % 5000 === 4999) {
        const expected = [...model].map(([route, value]) => `${route} ${value}`)
        assert.deepEqual(listed(table).sort(), expected.sort())
        assert.equal(table.size, model.size)
        assert.ok(table.texts.count <= 50)
      }
    }
    table.removeWhere(() => true)
    assert.deepEqual([table.size, table.prefixes.count, table.texts.count, table.texts.size], [0, 0, 0, 0])
  })

  for (const count of [100, 5000]) {
    it(`lists ${count} routes in the order of prefixes`, () => {
      const table = new RouteTable()
      const random = randomOf(3)
      for (let index = 0; index < count; index++) {
        const length = 8 + random.whole(25)
        const address = random.whole(2 ** 31) * 2 + random.whole(2)
        put(table, index % 2, 0, makePrefix(4, [address], length), random.whole(2), 'x')
      }
      const keys = listed(table).map(row => {
        const [peer, , word, length, path] = row
          .split(/[ ,/]/)
          .flatMap((part, at) => (at > 2 && at < 6 ? [] : [Number(part)]))
        return [peer, word, length, path] as [number, number, number, number]
      })
      const sorted = [...keys].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3])
      assert.deepEqual(keys, sorted)
      assert.equal(keys.length, table.size)
    })
  }

  it('a snapshot does not see what happens after it', () => {
    const table = new RouteTable()
    const [one, two] = [makePrefix(4, [0x0a000000], 8), makePrefix(4, [0x0b000000], 8)]
    put(table, 0, 0, one, 0, 'first')
    put(table, 0, 0, two, 0, 'second')
    const snapshot = table.snapshot(() => 0)
    table.removeWhere(() => true)
    put(table, 0, 0, makePrefix(4, [0x0c000000], 8), 0, 'third')
    const [group] = snapshot.groups
    assert.ok(group)
    const seen = [...snapshot.order(group)].map(entry => {
      const prefix = snapshot.prefix[entry] as number
      const words = [table.prefixes.word(prefix, 0), 0, 0, 0] as const
      const value = new TextDecoder().decode(table.texts.octets(snapshot.attributes[entry] as number))
      return `${prefixText({ family: 4, words: [...words], length: table.prefixes.length(prefix) })} ${value}`
    })
    assert.deepEqual(seen, ['10.0.0.0/8 first', '11.0.0.0/8 second'])
    snapshot.release()
    assert.deepEqual([table.prefixes.count, table.texts.count], [1, 1])
  })

  it('finds the longest prefix that a peer has', () => {
    const table = new RouteTable()
    put(table, 0, 0, makePrefix(4, [0x0a000000], 8), 0, 'wide')
    put(table, 1, 0, makePrefix(4, [0x0a010000], 16), 0, 'narrow')
    const address = [0x0a010203, 0, 0, 0] as const
    const length = (peer: number) =>
      table.prefixes.length(table.prefixes.longest(0, address, 32, id => table.find(peer, id, 0) !== 0))
    assert.deepEqual([length(0), length(1)], [8, 16])
    assert.equal(
      table.prefixes.longest(0, [0x0b000000, 0, 0, 0], 32, () => true),
      0,
    )
  })

  it('is full at its limit, which loses nothing that it has', () => {
    const table = new RouteTable(2)
    const prefix = (number: number) => makePrefix(4, [number << 24], 8)
    assert.deepEqual(
      [1, 2, 3].map(number => put(table, 0, 0, prefix(number), 0, `as ${number}`)),
      [true, true, false],
    )
    assert.ok(put(table, 0, 0, prefix(1), 0, 'as 4'))
    assert.deepEqual([table.size, table.prefixes.count, table.texts.count], [2, 2, 2])
  })
})
