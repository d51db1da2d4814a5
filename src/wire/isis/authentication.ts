// TLV 10, authentication: a password in clear (ISO 10589), HMAC-MD5 (RFC 5304), HMAC-SHA with a key id (RFC 5310).
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Pdu } from './pdu.ts'
import { TLV, type Tlv } from './tlv.ts'

export type Algorithm = 'text' | 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

export interface IsisKey {
  readonly algorithm: Algorithm
  /** Of SHA; 0 for others. */
  readonly keyId: number
  readonly secret: Uint8Array
}

const CLEAR_TEXT = 1
const HMAC_MD5 = 54
const GENERIC = 3
export const DIGEST_OCTETS: { readonly [algorithm in Algorithm]: number } = {
  text: 0,
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}
/** What stands in place of a digest while it is made (RFC 5310 section 3.3). */
const PAD = [0x87, 0x8f, 0xe1, 0xf3]
const LIFETIME_AT = 10
const CHECKSUM_AT = 24

/** Octets in front of the digest: the type, and the key id of SHA. */
const prefixOctets = ({ algorithm }: IsisKey): number => (algorithm === 'text' || algorithm === 'md5' ? 1 : 3)

/** Value of TLV 10 with room for the digest. */
export function emptyAuthentication(key: IsisKey): Uint8Array {
  const { algorithm, keyId, secret } = key
  if (algorithm === 'text') return Uint8Array.of(CLEAR_TEXT, ...secret)
  const digest = new Uint8Array(DIGEST_OCTETS[algorithm])
  if (algorithm === 'md5') return Uint8Array.of(HMAC_MD5, ...digest)
  return Uint8Array.of(GENERIC, keyId >> 8, keyId & 0xff, ...digest)
}

/** Puts the digest into a PDU whose TLV 10 begins at `start` (its value). LSPs are never sent. */
export function signPdu(octets: Uint8Array, start: number, key: IsisKey): void {
  if (key.algorithm !== 'text')
    octets.set(digestOf(octets, start + prefixOctets(key), key, false), start + prefixOctets(key))
}

function digestOf(from: Uint8Array, at: number, { algorithm, secret }: IsisKey, isLsp: boolean): Uint8Array {
  const octets = new Uint8Array(from)
  const length = DIGEST_OCTETS[algorithm]
  for (let index = 0; index < length; index++) octets[at + index] = algorithm === 'md5' ? 0 : (PAD[index & 3] as number)
  if (isLsp) {
    octets.fill(0, LIFETIME_AT, LIFETIME_AT + 2)
    octets.fill(0, CHECKSUM_AT, CHECKSUM_AT + 2)
  }
  return createHmac(algorithm, secret).update(octets).digest()
}

/** Whether one of the keys signed the PDU. */
export const isAuthentic = (pdu: Pdu, keys: readonly IsisKey[]): boolean =>
  pdu.tlvs.some(tlv => tlv.type === TLV.authentication && keys.some(key => isSignedBy(pdu, tlv, key)))

function isSignedBy({ octets, view, kind }: Pdu, { start, end }: Tlv, key: IsisKey): boolean {
  const expected = emptyAuthentication(key)
  if (end - start !== expected.length || octets[start] !== expected[0]) return false
  const at = start + prefixOctets(key)
  if (key.algorithm === 'text') return timingSafeEqual(octets.subarray(start, end), expected)
  if (key.algorithm !== 'md5' && view.getUint16(start + 1) !== key.keyId) return false
  return timingSafeEqual(octets.subarray(at, end), digestOf(octets, at, key, kind === 'lsp'))
}
