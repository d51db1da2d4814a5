// What a TLS client says first (RFC 8446 section 4.1.2): whom it wants (SNI), which protocols (ALPN), and its fingerprint, JA4.
import { createHash } from 'node:crypto'
import type { NetRecord } from '../../../contract/record.ts'
import type { PayloadReader } from './octet-reader.ts'

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const RANDOM_OCTETS = 32
const SERVER_NAME = 0
const SIGNATURE_ALGORITHMS = 13
const ALPN = 16
const SUPPORTED_VERSIONS = 43
const VERSIONS: { readonly [version: number]: string } = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
}
/** JA4 counts no further. */
const MOST = 99
const HASH_DIGITS = 12
const NAME_OCTETS = 255

interface Hello {
  version: number
  readonly ciphers: number[]
  readonly extensions: number[]
  readonly signatures: number[]
  readonly alpn: string[]
  name: string
}

/** RFC 8701: values that mean nothing. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 255)

/** Up to the end of the reader; GREASE is left out. */
function numbersOf(reader: PayloadReader): number[] {
  const numbers: number[] = []
  while (reader.end - reader.at >= 2) {
    const number = reader.u16()
    if (!isGrease(number)) numbers.push(number)
  }
  return numbers
}

type ReadExtension = (reader: PayloadReader, hello: Hello) => void

const EXTENSIONS: { readonly [type: number]: ReadExtension } = {
  [SERVER_NAME]: (reader, hello) => {
    reader.skip(2)
    if (reader.u8() !== 0) return
    const octets = reader.u16()
    if (octets <= NAME_OCTETS) hello.name = reader.text(octets)
  },
  [SIGNATURE_ALGORITHMS]: (reader, hello) => {
    hello.signatures.push(...numbersOf(reader.part(reader.u16())))
  },
  [ALPN]: (reader, hello) => {
    const list = reader.part(reader.u16())
    while (list.at < list.end) {
      const name = list.text(list.u8())
      if (name !== '') hello.alpn.push(name)
    }
  },
  [SUPPORTED_VERSIONS]: (reader, hello) => {
    hello.version = Math.max(0, ...numbersOf(reader.part(reader.u8()))) || hello.version
  },
}

/** The fields of a TLS record that begins with a ClientHello; undefined when it is none. */
export function inspectTls(reader: PayloadReader): NetRecord | undefined {
  if (reader.u8() !== HANDSHAKE || reader.u8() !== 3) return undefined
  reader.skip(1)
  const octets = reader.u16()
  return inspectHello(reader.part(octets), 't')
}

/** The same for a bare handshake message; `transport` is t for TLS over TCP, q for QUIC. */
export function inspectHello(reader: PayloadReader, transport: 't' | 'q'): NetRecord | undefined {
  if (reader.u8() !== CLIENT_HELLO) return undefined
  const body = reader.part(reader.u24())
  const hello: Hello = { version: body.u16(), ciphers: [], extensions: [], signatures: [], alpn: [], name: '' }
  if (VERSIONS[hello.version] === undefined) return undefined
  body.skip(RANDOM_OCTETS)
  body.skip(body.u8())
  hello.ciphers.push(...numbersOf(body.part(body.u16())))
  body.skip(body.u8())
  const extensions = body.part(body.u16())
  while (extensions.end - extensions.at >= 4) {
    const type = extensions.u16()
    const content = extensions.part(extensions.u16())
    if (!isGrease(type)) hello.extensions.push(type)
    EXTENSIONS[type]?.(content, hello)
  }
  const isWhole = !body.isCut && !extensions.isCut
  return {
    ...(hello.name === '' ? {} : { tls_sni: hello.name }),
    ...(hello.alpn.length === 0 ? {} : { tls_alpn: hello.alpn }),
    // Of half a message it would be another client's.
    ...(isWhole ? { tls_ja4: ja4(hello, transport) } : {}),
  }
}

const hex = (number: number): string => number.toString(16).padStart(4, '0')
const two = (count: number): string => String(Math.min(count, MOST)).padStart(2, '0')
const digest = (text: string): string =>
  text === '' ? '0'.repeat(HASH_DIGITS) : createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
const sorted = (numbers: readonly number[]): string => numbers.map(hex).sort().join()

/** First and last character of the first protocol; of their hex digits where they are no letters and digits. */
function alpnText([first]: readonly string[]): string {
  if (first === undefined) return '00'
  const ends = `${first.at(0)}${first.at(-1)}`
  if (/^[0-9a-z]{2}$/i.test(ends)) return ends
  const digits = Buffer.from(first, 'latin1').toString('hex')
  return `${digits.at(0)}${digits.at(-1)}`
}

/** JA4 (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). */
function ja4({ version, ciphers, extensions, signatures, alpn, name }: Hello, transport: string): string {
  const start = `${transport}${VERSIONS[version] ?? '00'}${name === '' ? 'i' : 'd'}`
  const others = extensions.filter(type => type !== SERVER_NAME && type !== ALPN)
  const marks = [sorted(others), ...(signatures.length > 0 ? [signatures.map(hex).join()] : [])].join('_')
  return `${start}${two(ciphers.length)}${two(extensions.length)}${alpnText(alpn)}_${digest(sorted(ciphers))}_${digest(others.length === 0 ? '' : marks)}`
}
