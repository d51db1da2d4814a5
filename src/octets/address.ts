// IP and MAC addresses: words of octets to canonical text and back (RFC 5952, inet_ntop's form for v4-mapped).

/** Dotted decimal of a 32-bit number. */
export function dotted(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** Where the longest run of two or more zero groups starts and ends (RFC 5952 section 4.2). */
function longestZeroRun(groups: readonly number[]): [start: number, end: number] {
  let best: [number, number] = [-1, -1]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end++
    if (end - start >= 2 && end - start > best[1] - best[0]) best = [start, end]
    if (end > start) start = end
  }
  return best
}

/** Canonical text of the IPv6 address in four 32-bit words. */
export function ipv6Text(a: number, b: number, c: number, d: number): string {
  if (a === 0 && b === 0 && c === 0xffff) return `::ffff:${dotted(d)}`
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff]
  const [start, end] = longestZeroRun(groups)
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(end, 8)}`
}

/** The 32-bit number of a dotted-decimal address, or -1 when the text is none. */
export function parseDotted(text: string): number {
  let address = 0
  let octet = -1
  let dots = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) {
      octet = (octet < 0 ? 0 : octet * 10) + code - 48
      if (octet > 255) return -1
    } else if (code === 46 && octet >= 0 && dots < 3) {
      address = address * 256 + octet
      octet = -1
      dots++
    } else return -1
  }
  return dots === 3 && octet >= 0 ? address * 256 + octet : -1
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const low = parseDotted(part)
      if (low < 0) return undefined
      groups.push(Math.floor(low / 65536), low % 65536)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** Writes the four words of an IPv6 address at words[at..at+3]; false when the text is none. */
export function parseIpv6(text: string, words: Uint32Array, at: number): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const head = parseGroups(halves[0] as string)
  const tail = halves.length === 2 ? parseGroups(halves[1] as string) : []
  if (!head || !tail) return false
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return false
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  for (let word = 0; word < 4; word++) {
    words[at + word] = ((groups[2 * word] as number) << 16) | (groups[2 * word + 1] as number)
  }
  return true
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** `aa:bb:cc:dd:ee:ff` of a 48-bit number. */
export function macText(mac: number): string {
  const high = Math.floor(mac / 0x1_0000_0000)
  const low = mac >>> 0
  return `${HEX[high >>> 8]}:${HEX[high & 255]}:${HEX[low >>> 24]}:${HEX[(low >>> 16) & 255]}:${HEX[(low >>> 8) & 255]}:${HEX[low & 255]}`
}

/** The 48-bit number of a MAC address text, or NaN. */
export function parseMac(text: string): number {
  return /^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : Number.NaN
}

/** Lower-case hex of octets, no separators. */
export function hexText(octets: Uint8Array, start = 0, end = octets.length): string {
  let text = ''
  for (let at = start; at < end; at++) text += HEX[octets[at] as number]
  return text
}
