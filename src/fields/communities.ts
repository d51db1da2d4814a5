// Communities that have names.

/** Well-known communities that pmacct prints by name (RFC 1997); it prints the younger ones as numbers. */
export const WELL_KNOWN: ReadonlyMap<number, string> = new Map([
  [0, 'internet'],
  [0xffffff01, 'no-export'],
  [0xffffff02, 'no-advertise'],
  [0xffffff03, 'local-AS'],
])

export const communityNumbers = (community: number): string => `${community >>> 16}:${community & 0xffff}`

const NUMBERS: ReadonlyMap<string, string> = new Map(
  [...WELL_KNOWN].map(([community, name]) => [name, communityNumbers(community)]),
)

/** The text of a community in numbers, whatever its name. */
export const unnamedCommunity = (text: string): string => NUMBERS.get(text) ?? text
