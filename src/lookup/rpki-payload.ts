// What the RPKI says, validated: who may originate a prefix, who an AS's providers are, which keys a router has.
import type { Prefix } from './prefix.ts'

/** Validated ROA payload (RFC 6811): `asn` may originate the prefix, and what it holds up to `maxLength`. */
export interface Vrp {
  readonly kind: 'roa'
  readonly prefix: Prefix
  readonly maxLength: number
  /** 0 = nobody may. */
  readonly asn: number
}

/** Validated ASPA payload: all providers of a customer. */
export interface Aspa {
  readonly kind: 'aspa'
  readonly customer: number
  /** Increasing, each once. AS 0 alone = it has none. */
  readonly providers: readonly number[]
  /** Older drafts have one for each address family: 1 IPv4, 2 IPv6; 0 = both. */
  readonly afi: 0 | 1 | 2
}

/** BGPsec router key (RFC 8210 section 5.10). */
export interface RouterKey {
  readonly kind: 'router-key'
  readonly asn: number
  /** Subject key identifier, 40 hex digits. */
  readonly ski: string
  /** Subject public key info, base64. */
  readonly spki: string
}

export type Payload = Vrp | Aspa | RouterKey

/** The same for two payloads that cannot be there both; an ASPA replaces the one of the same customer. */
export function payloadKey(payload: Payload): string {
  switch (payload.kind) {
    case 'roa':
      return `${payload.prefix.words.join('.')}/${payload.prefix.family}/${payload.prefix.length}-${payload.maxLength}-${payload.asn}`
    case 'aspa':
      return `aspa ${payload.customer} ${payload.afi}`
    case 'router-key':
      return `key ${payload.asn} ${payload.ski} ${payload.spki}`
  }
}
