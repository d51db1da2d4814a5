// Values of a line's members, straight from octets.

const QUOTE = 34
const decoder = new TextDecoder()

/** Whole digits, 0 when there is anything else. */
export function wholeNumber(octets: Uint8Array, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = (octets[at] as number) - 48
    if (digit < 0 || digit > 9) return 0
    number = 10 * number + digit
  }
  return number
}

/** Seconds with a fraction in ms, rounded down; 0 when the value is a text that is none. */
export function milliseconds(octets: Uint8Array, from: number, to: number): number {
  let number = 0
  let decimals = -1
  for (let at = from; at < to && decimals < 3; at++) {
    const digit = (octets[at] as number) - 48
    if (digit >= 0 && digit <= 9) {
      number = 10 * number + digit
      if (decimals >= 0) decimals++
    } else if (octets[at] === 46 && decimals < 0) decimals = 0
    else return timeOfText(octets, from, to)
  }
  return number * 10 ** (3 - Math.max(0, decimals))
}

/** Times as text: seconds, RFC 3339, or pmacct's form, which is taken for UTC. */
function timeOfText(octets: Uint8Array, from: number, to: number): number {
  if (octets[from] !== QUOTE) return 0
  const text = decoder.decode(octets.subarray(from + 1, to - 1))
  if (/^\d+(\.\d+)?$/.test(text)) return Math.floor(Number(text) * 1000)
  const time = Date.parse(/[Z+]/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
  return Number.isFinite(time) ? time : 0
}

/** The number of a dotted-decimal address, -1 when it is none. */
export function dottedNumber(octets: Uint8Array, from: number, to: number): number {
  let address = 0
  let octet = -1
  let dots = 0
  for (let at = from; at < to; at++) {
    const digit = (octets[at] as number) - 48
    if (digit >= 0 && digit <= 9) {
      octet = (octet < 0 ? 0 : 10 * octet) + digit
      if (octet > 255) return -1
    } else if (digit === -2 && octet >= 0) {
      address = 256 * address + octet
      octet = -1
      dots++
    } else return -1
  }
  return dots === 3 && octet >= 0 ? 256 * address + octet : -1
}
