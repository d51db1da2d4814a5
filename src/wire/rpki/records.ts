// RPKI data as records, and back: one a ROA payload, ASPA or router key.
import type { NetRecord, Value } from '../../contract/record.ts'
import { parsePrefix, prefixText } from '../../lookup/prefix.ts'
import type { Payload } from '../../lookup/rpki-payload.ts'

/** Keys of what is said; the envelope (seq, log_type, timestamp, peer, event_type) stands before them. */
export function payloadFields(payload: Payload): NetRecord {
  switch (payload.kind) {
    case 'roa': {
      const { prefix, maxLength, asn } = payload
      return { rpki_type: 'roa', ip_prefix: prefixText(prefix), max_length: maxLength, origin_as: asn }
    }
    case 'aspa': {
      const { customer, providers, afi } = payload
      return { rpki_type: 'aspa', ...(afi === 0 ? {} : { afi }), customer_as: customer, provider_as: [...providers] }
    }
    case 'router-key':
      return { rpki_type: 'router-key', origin_as: payload.asn, ski: payload.ski, spki: payload.spki }
  }
}

const LARGEST_AS = 2 ** 32 - 1

export const isAs = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_AS

/** What a record says; undefined when it says nothing of the RPKI. */
export function payloadOf(record: NetRecord): Payload | undefined {
  if (record.rpki_type === 'roa') return roaOf(record)
  if (record.rpki_type === 'aspa') {
    const { customer_as: customer, provider_as: providers, afi } = record
    if (!isAs(customer)) return undefined
    const list = Array.isArray(providers) ? providers.filter(isAs) : []
    return { kind: 'aspa', customer, providers: list, afi: afi === 1 || afi === 2 ? afi : 0 }
  }
  if (record.rpki_type === 'router-key') {
    const { origin_as: asn, ski, spki } = record
    if (!isAs(asn) || typeof ski !== 'string' || typeof spki !== 'string') return undefined
    return { kind: 'router-key', asn, ski, spki }
  }
  return undefined
}

function roaOf({ ip_prefix: text, max_length: maxLength, origin_as: asn }: NetRecord): Payload | undefined {
  const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
  if (!prefix || !isAs(asn)) return undefined
  const length = typeof maxLength === 'number' ? maxLength : prefix.length
  if (!(length >= prefix.length && length <= (prefix.family === 4 ? 32 : 128))) return undefined
  return { kind: 'roa', prefix, maxLength: length, asn }
}
