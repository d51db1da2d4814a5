// The first packet of a QUIC connection: its keys are made from what it says itself (RFC 9001 section 5.2, RFC 9369), so anybody may read it.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { NetRecord } from '../../../contract/record.ts'
import { inspectHello } from './client-hello.ts'
import { PayloadReader } from './octet-reader.ts'

interface Version {
  readonly salt: Buffer
  readonly label: string
  /** Type bits of an Initial packet. */
  readonly initial: number
}

const VERSIONS: { readonly [version: number]: Version } = {
  1: { salt: Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex'), label: 'quic', initial: 0 },
  1798521807: { salt: Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex'), label: 'quicv2', initial: 1 },
}
const LONG_HEADER = 0xc0
const LONGEST_ID = 20
const SAMPLE_OCTETS = 16
const TAG_OCTETS = 16
/** Crypto data that a first flight may have in one packet. */
const CRYPTO_OCTETS = 16_384

/** HKDF-Expand-Label (RFC 8446 section 7.1) of up to 32 octets. */
function expand(secret: Uint8Array, label: string, octets: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Uint8Array.of(0, octets, name.length), name, Uint8Array.of(0, 1)])
  return createHmac('sha256', secret).update(info).digest().subarray(0, octets)
}

interface Keys {
  readonly key: Buffer
  readonly iv: Buffer
  readonly header: Buffer
}

function keysOf({ salt, label }: Version, connection: Uint8Array): Keys {
  const initial = createHmac('sha256', salt).update(connection).digest()
  const client = expand(initial, 'client in', 32)
  return {
    key: expand(client, `${label} key`, 16),
    iv: expand(client, `${label} iv`, 12),
    header: expand(client, `${label} hp`, 16),
  }
}

/** The fields of a UDP payload that begins with a client's Initial packet; undefined when it is none. */
export function inspectQuic(reader: PayloadReader): NetRecord | undefined {
  const start = reader.at
  const first = reader.u8()
  const version = VERSIONS[reader.u32()]
  if (!version || (first & LONG_HEADER) !== LONG_HEADER || ((first >>> 4) & 3) !== version.initial) return undefined
  const idOctets = reader.u8()
  if (idOctets > LONGEST_ID) return undefined
  const connection = reader.octets(idOctets)
  reader.skip(reader.u8())
  reader.skip(reader.varint())
  const length = reader.varint()
  if (reader.isCut || length < 4 + SAMPLE_OCTETS) return undefined
  const plain = decrypt(reader, start, first, length, keysOf(version, connection))
  const crypto = plain && cryptoOf(plain)
  return (
    crypto && inspectHello(new PayloadReader(new DataView(crypto.buffer, crypto.byteOffset), 0, crypto.length), 'q')
  )
}

function decrypt(reader: PayloadReader, start: number, first: number, length: number, keys: Keys): Buffer | undefined {
  const numberAt = reader.at
  // A packet that was not captured whole cannot be told from a forged one.
  if (!reader.has(length)) return undefined
  const { view } = reader
  const octets = (from: number, to: number): Buffer =>
    Buffer.from(new Uint8Array(view.buffer, view.byteOffset + from, to - from))
  const sample = octets(numberAt + 4, numberAt + 4 + SAMPLE_OCTETS)
  const mask = createCipheriv('aes-128-ecb', keys.header, null).update(sample)
  const numberOctets = ((first ^ ((mask[0] as number) & 0x0f)) & 3) + 1
  const header = octets(start, numberAt + numberOctets)
  header[0] = first ^ ((mask[0] as number) & 0x0f)
  const nonce = Buffer.from(keys.iv)
  for (let index = 0; index < numberOctets; index++) {
    const at = numberAt - start + index
    header[at] = (header[at] as number) ^ (mask[1 + index] as number)
    const place = nonce.length - numberOctets + index
    nonce[place] = (nonce[place] as number) ^ (header[at] as number)
  }
  const end = numberAt + length
  const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce).setAAD(header)
  decipher.setAuthTag(octets(end - TAG_OCTETS, end))
  const plain = decipher.update(octets(numberAt + numberOctets, end - TAG_OCTETS))
  try {
    decipher.final()
    return plain
  } catch {
    return undefined // not a client's: a server's Initial has other keys
  }
}

/** The pieces of CRYPTO frames (RFC 9000 section 19.6) put together, as far as they go from the start on. */
function cryptoOf(plain: Buffer): Buffer | undefined {
  const reader = new PayloadReader(new DataView(plain.buffer, plain.byteOffset, plain.length), 0, plain.length)
  const pieces: { readonly offset: number; readonly octets: Uint8Array }[] = []
  while (reader.at < reader.end && !reader.isCut) {
    const type = reader.varint()
    if (type === 0 || type === 1) continue
    if (type === 6) {
      const offset = reader.varint()
      const octets = reader.octets(reader.varint())
      if (offset + octets.length <= CRYPTO_OCTETS) pieces.push({ offset, octets })
    } else if (type === 2 || type === 3) skipAck(reader, type === 3)
    else break
  }
  const whole = Buffer.alloc(Math.max(0, ...pieces.map(({ offset, octets }) => offset + octets.length)))
  let reached = 0
  for (const { offset, octets } of pieces.sort((a, b) => a.offset - b.offset)) {
    if (offset > reached) break
    whole.set(octets, offset)
    reached = Math.max(reached, offset + octets.length)
  }
  return reached > 0 ? whole.subarray(0, reached) : undefined
}

function skipAck(reader: PayloadReader, hasCounts: boolean): void {
  reader.varint()
  reader.varint()
  let ranges = reader.varint()
  reader.varint()
  while (ranges-- > 0 && !reader.isCut) {
    reader.varint()
    reader.varint()
  }
  if (hasCounts) for (let count = 0; count < 3; count++) reader.varint()
}
