// Texts of communities, kept: a table of routes has few different ones.

/** Texts kept before all are forgotten: about 4 MB. */
const TEXTS = 65536

/** A bounded memory of a number's text. */
export function rememberedText(make: (value: number) => string): (value: number) => string {
  const texts = new Map<number, string>()
  return value => {
    const known = texts.get(value)
    if (known !== undefined) return known
    if (texts.size >= TEXTS) texts.clear()
    const text = make(value)
    texts.set(value, text)
    return text
  }
}

/** Well-known communities that pmacct prints by name (RFC 1997); it prints the younger ones as numbers. */
export const WELL_KNOWN: ReadonlyMap<number, string> = new Map([
  [0, 'internet'],
  [0xffffff01, 'no-export'],
  [0xffffff02, 'no-advertise'],
  [0xffffff03, 'local-AS'],
])

export const communityText: (community: number) => string = rememberedText(
  community => WELL_KNOWN.get(community) ?? `${community >>> 16}:${community & 0xffff}`,
)
