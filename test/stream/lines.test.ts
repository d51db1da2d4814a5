import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { OctetInput } from '../../src/stream/input.ts'
import { type LineOptions, LONGEST_LINE_OCTETS, lineBlocks } from '../../src/stream/lines.ts'
import { random } from '../support/random.ts'

const QUIET: LineOptions = { heartbeat: false, onOverlong: () => assert.fail('no line is too long') }

/** An input that gives the text in pieces as the sizes say. */
function pieces(octets: Uint8Array, size: () => number): OctetInput {
  let at = 0
  return {
    live: false,
    async read(into) {
      const count = Math.min(into.length, octets.length - at, size())
      into.set(octets.subarray(at, at + count))
      at += count
      return count
    },
    close() {},
  }
}

async function read(input: OctetInput, options = QUIET): Promise<{ text: string; number: number }[]> {
  const decoder = new TextDecoder()
  const lines: { text: string; number: number }[] = []
  for await (const block of lineBlocks(input, new AbortController().signal, options)) {
    for (let index = 0; index < block.count; index++) {
      const text = decoder.decode(block.octets.subarray(block.starts[index], block.ends[index]))
      lines.push({ text, number: block.numbers[index] as number })
    }
  }
  return lines
}

const encode = (text: string) => new TextEncoder().encode(text)

test('lines come whole however the input is cut, with their numbers; empty lines are passed over', async () => {
  const source = random(3)
  const texts = Array.from({ length: 3000 }, () =>
    source.chance(0.1) ? '' : 'é'.repeat(source.whole(40)) + source.whole(1e9),
  )
  const expected = texts.map((text, index) => ({ text, number: index + 1 })).filter(({ text }) => text !== '')
  for (const size of [() => 1 + source.whole(7), () => 1 + source.whole(5000), () => 1 << 20]) {
    for (const end of ['\n', '\r\n']) {
      assert.deepEqual(await read(pieces(encode(texts.join(end) + end), size)), expected)
    }
  }
})

test('a last line without a line feed is a line', async () => {
  assert.deepEqual(await read(pieces(encode('a\nb'), () => 2)), [
    { text: 'a', number: 1 },
    { text: 'b', number: 2 },
  ])
})

test('a line longer than the limit is told once and left out, what follows is read', async () => {
  const overlong: number[] = []
  const text = `first\n${'x'.repeat(LONGEST_LINE_OCTETS + 5_000_000)}\nlast\n`
  const lines = await read(
    pieces(encode(text), () => 1 << 20),
    { heartbeat: false, onOverlong: line => overlong.push(line) },
  )
  assert.deepEqual(
    lines.map(line => line.text),
    ['first', 'last'],
  )
  assert.deepEqual(overlong, [2])
  assert.equal(lines[1]?.number, 3)
})

test('after a signal, the beginning of a line that its writer does not end is no line', async () => {
  const stop = new AbortController()
  let give: (count: number) => void = () => {}
  let reads = 0
  const input: OctetInput = {
    live: true,
    read(into) {
      if (reads++ > 0) {
        stop.abort()
        return new Promise(resolve => {
          give = resolve
        })
      }
      const octets = encode('{"a":1}\n{"a":')
      into.set(octets)
      return Promise.resolve(octets.length)
    },
    close: () => give(0),
  }
  let lines = 0
  for await (const { count } of lineBlocks(input, stop.signal, QUIET)) lines += count
  assert.equal(lines, 1)
})

/** An input whose first read gives one line, and each other one too, until it is closed or there are no more. */
function closable(lines: number) {
  let [given, isClosed] = [0, false]
  const input: OctetInput = {
    live: true,
    async read(into) {
      if (isClosed || given >= lines) return 0
      return encode(`${given++}\n`).reduce((at, octet) => {
        into[at] = octet
        return at + 1
      }, 0)
    },
    close() {
      isClosed = true
    },
  }
  return input
}

/** Lines that are given to a taker who was told to stop, and needs so long for each block. */
async function givenTo(context: TestContext, takingMs: number): Promise<number> {
  let now = 1000
  context.mock.method(performance, 'now', () => now)
  context.mock.timers.enable({ apis: ['setInterval'] })
  const stop = new AbortController()
  let lines = 0
  for await (const { count } of lineBlocks(closable(4), stop.signal, QUIET)) {
    lines += count
    stop.abort()
    now += takingMs
    context.mock.timers.tick(takingMs)
  }
  return lines
}

test('after a signal, a slow taker of lines is no silence of the writer', async context => {
  assert.equal(await givenTo(context, 1000), 4)
})

test('after a signal, a taker of lines that is too slow gets no more', async context => {
  assert.equal(await givenTo(context, 3000), 2)
})
