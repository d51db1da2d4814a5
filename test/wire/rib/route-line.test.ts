import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RouteLine } from '../../../src/wire/rib/route-line.ts'
import { random as randomOf } from '../../support/random.ts'

/** What was read, or undefined. */
function state(line: RouteLine, isRead: boolean): unknown {
  if (!isRead) return undefined
  const { event, logType, bmpMessage, seq, timeMs, family, length, pathId } = line
  const texts = [line.peer, line.scope, line.nlri, line.own, line.attributes].map(gather => gather.text)
  const words = family === 0 ? [] : [...line.words]
  return { event, logType, bmpMessage, seq, timeMs, family, length: family === 0 ? 0 : length, pathId, texts, words }
}

/** Reads all lines with one reader, and each with a reader of its own; how many repeated the one before. */
function compare(texts: readonly string[]): number {
  const octets = Buffer.from(`${texts.join('\n')}\n`)
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const shared = new RouteLine()
  let start = 0
  let repeated = 0
  for (const text of texts) {
    const end = start + Buffer.byteLength(text)
    const single = new RouteLine()
    const expected = state(single, single.read(octets, view, start, end, false))
    assert.deepEqual(state(shared, shared.read(octets, view, start, end, false)), expected, text)
    if (shared.repeats) repeated++
    start = end + 1
  }
  return repeated
}

const line = (seq: string, prefix: string, path: string, more = '"as_path":[64496,64497]'): string =>
  `{"seq":${seq},"log_type":"update","timestamp":1767225600.5,"peer_ip_src":"192.0.2.1","event_type":"log",` +
  `"afi":1,"safi":1,${more},"ip_prefix":"${prefix}","as_path_id":${path}}`

test('lines that differ in seq, prefix and path id are not taken apart again', () => {
  const texts = [
    line('1', '10.0.0.0/8', '1'),
    line('2', '10.255.128.0/17', '22'),
    line('10', '2001:db8::/32', '1'),
    line('11', '0.0.0.0/0', '4294967295'),
  ]
  assert.equal(compare(texts), 3)
})

test('lines that only look alike are read as they are', () => {
  const first = line('1', '10.0.0.0/8', '1')
  const others = [
    line('', '10.0.0.0/8', '1'),
    line('07', '10.0.0.0/8', '1'),
    line('7.5', '10.0.0.0/8', '1'),
    line('"7"', '10.0.0.0/8', '1'),
    line('7', '10.0.0.0/33', '1'),
    line('7', '10.0.0.0', '1'),
    line('7', '', '1'),
    line('7', '10.0.0.0\\/8', '1'),
    line('7', '10.0.0.0/8', '1,"as_path_id":2'),
    line('7', '10.0.0.0/8', '1,"med":2'),
    line('7', '10.0.0.0/8', '1', '"as_path":[64496,64498]'),
    line('7', '10.0.0.0/8', '1', '"as_path":[64496,64497],"evpn_route_type":5'),
    `${line('7', '10.0.0.0/8', '1')} `,
    line('7', '10.0.0.0/8', '1').slice(0, -1),
  ]
  for (const other of others) assert.equal(compare([first, other]), 0, other)
  for (const other of others) compare([other, first, other, first])
})

test('a reader of many lines reads what readers of one read', () => {
  const random = randomOf(20_261_125)
  const { pick } = random
  for (let round = 0; round < 300; round++) {
    const texts: string[] = []
    for (let index = 0; index < 20; index++) {
      let text = line(
        pick(['1', '23', '0', '00', '9999999']),
        pick(['10.0.0.0/8', '10.1.0.0/16', '192.0.2.1/32', '2001:db8::/48', 'x/8', '1.2.3/24', '10.0.0.1/8']),
        pick(['1', '2', '70000']),
        pick(['"as_path":[64496]', '"as_path":[64496]', '"as_path":[64496]', '"as_path":[64499]', '"note":"é"']),
      )
      if (random.chance(0.2)) {
        const at = random.whole(text.length)
        text = text.slice(0, at) + pick(['', '0', '"', ',', '\\', 'a', '}']) + text.slice(at + random.whole(2))
      }
      texts.push(text)
    }
    compare(texts)
  }
})
