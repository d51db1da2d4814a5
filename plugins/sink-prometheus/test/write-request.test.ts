import assert from 'node:assert/strict'
import { it } from 'node:test'
import { random } from '../../../test/support/random.ts'
import { snappy } from '../src/snappy.ts'
import { labelOctets, writeRequest } from '../src/write-request.ts'

/** The block format, read as its description says. */
function unpacked(octets: Uint8Array): Uint8Array {
  let at = 0
  let length = 0
  for (let shift = 1; ; shift *= 128) {
    const octet = octets[at++] as number
    length += (octet & 127) * shift
    if (octet < 128) break
  }
  const out = new Uint8Array(length)
  let to = 0
  while (at < octets.length) {
    const tag = octets[at++] as number
    if ((tag & 3) === 0) {
      let count = tag >> 2
      if (count >= 60) {
        const size = count - 59
        count = 0
        for (let index = 0; index < size; index++) count += (octets[at++] as number) * 2 ** (8 * index)
      }
      out.set(octets.subarray(at, at + count + 1), to)
      at += count + 1
      to += count + 1
    } else {
      assert.equal(tag & 3, 2, 'only copies with two octets of distance are written')
      const back = (octets[at] as number) | ((octets[at + 1] as number) << 8)
      at += 2
      assert.ok(back > 0 && back <= to)
      for (let index = 0; index <= tag >> 2; index++, to++) out[to] = out[to - back] as number
    }
  }
  assert.equal(to, length)
  return out
}

it('snappy: what is packed unpacks to the same, and what repeats gets small', () => {
  const { whole } = random(20_261_125)
  const texts = [
    new Uint8Array(0),
    Buffer.from('a'),
    Buffer.from('abcabcabcabcabcabc'),
    Buffer.alloc(200_000, 'as_src="64500",'),
  ]
  for (let round = 0; round < 200; round++) {
    const letters = 1 + whole(255)
    texts.push(Uint8Array.from({ length: whole(5000) }, () => whole(letters)))
  }
  // Longer than what a copy reaches, without and with repeats.
  texts.push(
    Uint8Array.from({ length: 300_000 }, () => whole(256)),
    Uint8Array.from({ length: 300_000 }, () => whole(3)),
  )
  for (const text of texts) assert.deepEqual(Buffer.from(unpacked(snappy(text))), Buffer.from(text))
  assert.ok(snappy(Buffer.alloc(200_000, 'as_src="64500",')).length < 12_000)
})

it('a WriteRequest, octet by octet', () => {
  const labels = labelOctets([
    ['__name__', 'x'],
    ['as_src', '64500'],
  ])
  const octets = writeRequest([{ labels, samples: [{ value: 1, timeMs: 1_764_000_000_123 }] }])
  const label = (name: string, text: string) =>
    Buffer.concat([
      Buffer.from([10, name.length + text.length + 4, 10, name.length]),
      Buffer.from(name),
      Buffer.from([18, text.length]),
      Buffer.from(text),
    ])
  const sample = Buffer.from([18, 16, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 16, ...[0xfb, 0xd0, 0xdf, 0xb4, 0xab, 0x33]])
  const series = Buffer.concat([label('__name__', 'x'), label('as_src', '64500'), sample])
  assert.deepEqual(Buffer.from(octets), Buffer.concat([Buffer.from([10, series.length]), series]))
})
