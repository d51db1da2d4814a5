// Texts of communities, kept: a table of routes has few different ones.
import { communityNumbers, WELL_KNOWN } from '../../../fields/communities.ts'

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

export const communityText: (community: number) => string = rememberedText(
  community => WELL_KNOWN.get(community) ?? communityNumbers(community),
)
