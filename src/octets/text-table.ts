// Short texts as doubles: up to eight ASCII octets that one store of a DataView writes (little-endian).
// ASCII octets are never a NaN, so a double carries them unchanged.

/** Numbers below this have their digits in a table: lengths, flags, masks, most ifIndexes. It stays in the first-level cache. */
export const SMALL_NUMBERS = 1024

export interface TextTable {
  readonly texts: Float64Array
  /** Octets of each text; 0 = it has more than eight. */
  readonly lengths: Uint8Array
}

const view = new DataView(new ArrayBuffer(8))

/** The double whose octets are a text of at most eight ASCII characters. */
export function eightOctets(text: string): number {
  view.setFloat64(0, 0)
  for (let at = 0; at < text.length; at++) view.setUint8(at, text.charCodeAt(at))
  return view.getFloat64(0, true)
}

export function textTable(texts: readonly string[]): TextTable {
  const table = { texts: new Float64Array(texts.length), lengths: new Uint8Array(texts.length) }
  texts.forEach((text, index) => {
    if (text.length > 8) return
    table.texts[index] = eightOctets(text)
    table.lengths[index] = text.length
  })
  return table
}

let small: TextTable | undefined

/** The digits of 0..SMALL_NUMBERS-1; made when first asked for, because start-up is dear. */
export function smallNumbers(): TextTable {
  small ??= makeSmallNumbers()
  return small
}

function makeSmallNumbers(): TextTable {
  const octets = new Uint8Array(8 * SMALL_NUMBERS)
  const lengths = new Uint8Array(SMALL_NUMBERS)
  for (let number = 0; number < SMALL_NUMBERS; number++) {
    const length = number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10_000 ? 4 : 5
    lengths[number] = length
    for (let at = length - 1, rest = number; at >= 0; at--, rest = (rest / 10) | 0)
      octets[8 * number + at] = 48 + (rest % 10)
  }
  const words = new DataView(octets.buffer)
  return {
    texts: Float64Array.from({ length: SMALL_NUMBERS }, (_, number) => words.getFloat64(8 * number, true)),
    lengths,
  }
}
