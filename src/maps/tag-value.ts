// Tags are whole numbers of 64 bits: numbers up to 2^53, BigInts above, as everywhere in a record.

export type Tag = number | bigint

const LARGEST = 2n ** 64n - 1n

/** The tag of decimal text, or undefined. */
export function parseTag(text: string): Tag | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined
  const big = BigInt(text)
  return big <= LARGEST ? exact(big) : undefined
}

function exact(big: bigint): Tag {
  return big <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(big) : big
}

/** How `stack=` joins the tag of a row with the one so far. Sums go round at 2^64, as in pmacct. */
export const STACKS = {
  sum: (a: Tag, b: Tag): Tag => {
    const sum = Number(a) + Number(b)
    return sum <= Number.MAX_SAFE_INTEGER ? sum : exact((BigInt(a) + BigInt(b)) & LARGEST)
  },
  or: (a: Tag, b: Tag): Tag => exact(BigInt(a) | BigInt(b)),
}

export type Stack = keyof typeof STACKS
