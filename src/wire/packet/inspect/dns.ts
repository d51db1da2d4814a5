// DNS messages (RFC 1035): the question, and addresses and names that answer it.
import type { NetRecord } from '../../../contract/record.ts'
import { dotted, ipv6Text } from '../../../octets/address.ts'
import type { PayloadReader } from './octet-reader.ts'

const TYPES: { readonly [type: number]: string } = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  43: 'DS',
  48: 'DNSKEY',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
  257: 'CAA',
}
const RESPONSE = 0x8000
const POINTER = 0xc0
const NAME_OCTETS = 255
/** Pointers to follow in a name, and answers of a message. */
const DEPTH = 32
const ANSWERS = 32

/** A name in its usual text; undefined when it is none. The reader goes on behind it. */
function readName(reader: PayloadReader, start: number): string | undefined {
  const labels: string[] = []
  let [behind, octets] = [-1, 0]
  for (let depth = 0; depth < DEPTH; ) {
    const length = reader.u8()
    if (reader.isCut) return undefined
    if (length === 0) {
      if (behind >= 0) reader.at = behind
      return labels.length === 0 ? '.' : labels.join('.')
    }
    if ((length & POINTER) === POINTER) {
      const to = start + (((length & 0x3f) << 8) | reader.u8())
      if (behind < 0) behind = reader.at
      if (to >= reader.end) return undefined
      reader.at = to
      depth++
      continue
    }
    octets += length + 1
    if (length > 63 || octets > NAME_OCTETS) return undefined
    // Dots and what is no printable character are escaped, as in zone files.
    labels.push(
      reader.text(length).replace(/[^!-~]|[.\\]/g, byte => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`),
    )
  }
  return undefined
}

function readAnswer(reader: PayloadReader, start: number): string | undefined {
  if (readName(reader, start) === undefined) return undefined
  const type = reader.u16()
  reader.skip(6) // class, time to live
  const octets = reader.u16()
  const next = reader.at + octets
  if (!reader.has(octets)) return undefined
  let text = ''
  if (type === 1 && octets === 4) text = dotted(reader.u32())
  else if (type === 28 && octets === 16) text = ipv6Text(reader.u32(), reader.u32(), reader.u32(), reader.u32())
  else if (type === 5 || type === 12 || type === 2) text = readName(reader, start) ?? ''
  reader.at = next
  return text
}

/** The fields of a message with one question; undefined when it is none. */
export function inspectDns(reader: PayloadReader): NetRecord | undefined {
  const start = reader.at
  reader.skip(2)
  const flags = reader.u16()
  const [questions, answers] = [reader.u16(), reader.u16()]
  reader.skip(4)
  if (reader.isCut || questions !== 1) return undefined
  const name = readName(reader, start)
  const type = reader.u16()
  reader.skip(2)
  if (name === undefined || reader.isCut) return undefined
  const record: NetRecord = { dns_query: name, dns_type: TYPES[type] ?? `TYPE${type}` }
  if ((flags & RESPONSE) === 0) return record
  record.dns_rcode = flags & 15
  const texts: string[] = []
  for (let left = Math.min(answers, ANSWERS); left > 0; left--) {
    const text = readAnswer(reader, start)
    if (text === undefined) break
    if (text !== '') texts.push(text)
  }
  if (texts.length > 0) record.dns_answers = texts
  return record
}
