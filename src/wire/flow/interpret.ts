// The plain twin of plans: one record, element by element, as the RFCs say it. Tests hold it equal to what the columns give.
// It knows everything that a record says by itself; tables learned from options and packet sections are not its subject.
import type { NetRecord, Value } from '../../contract/record.ts'
import { allFields } from '../../fields/dictionary.ts'
import type { Encoding, Field } from '../../fields/field.ts'
import { dotted, hexText, ipv6Text, macText } from '../../octets/address.ts'
import { VARIABLE } from './layout.ts'
import { IPFIX, type MessageHeader } from './message.ts'
import type { TemplateField } from './template.ts'

/** An element of a record with its octets. */
export interface Occurrence {
  readonly pen: number
  readonly id: number
  readonly octets: Uint8Array
}

/** Cuts the record at the start of `octets` by its template (RFC 7011 sections 3.4.3 and 7); undefined when it does not fit. */
export function cutRecord(
  fields: readonly TemplateField[],
  octets: Uint8Array,
): { occurrences: Occurrence[]; length: number } | undefined {
  const occurrences: Occurrence[] = []
  let at = 0
  for (const { id, pen, length: said } of fields) {
    let length = said
    if (said === VARIABLE) {
      if (at >= octets.length) return undefined
      length = octets[at++] as number
      if (length === 255) {
        if (at + 2 > octets.length) return undefined
        length = (octets[at] as number) * 256 + (octets[at + 1] as number)
        at += 2
      }
    }
    if (at + length > octets.length) return undefined
    if (said !== 0) occurrences.push({ pen, id, octets: octets.subarray(at, at + length) })
    at += length
  }
  return { occurrences, length: at }
}

function integer(octets: Uint8Array): bigint | undefined {
  if (octets.length < 1 || octets.length > 8) return undefined
  let value = 0n
  for (const octet of octets) value = value * 256n + BigInt(octet)
  return value
}

function address(octets: Uint8Array): string | undefined {
  const word = (index: number): number => Number(integer(octets.subarray(4 * index, 4 * index + 4)))
  if (octets.length === 4) return dotted(word(0))
  return octets.length === 16 ? ipv6Text(word(0), word(1), word(2), word(3)) : undefined
}

const NTP_EPOCH_S = 2_208_988_800n
const DAY_MS = 86_400_000n
const UINT32 = 2n ** 32n

/** Unix microseconds. */
function time(
  octets: Uint8Array,
  encoding: Encoding | undefined,
  header: MessageHeader,
  startMs: bigint | undefined,
): bigint | undefined {
  const ntp = encoding === 'microseconds' || encoding === 'nanoseconds'
  if (ntp && octets.length !== 8) return undefined
  const value = integer(octets)
  if (value === undefined) return undefined
  const exportUs = BigInt(header.exportUs)
  if (ntp) {
    const [seconds, fraction] = [value / UINT32, value % UINT32]
    const unix = seconds >= NTP_EPOCH_S ? seconds - NTP_EPOCH_S : seconds + UINT32 - NTP_EPOCH_S
    return unix * 1_000_000n + (fraction * 1_000_000n + UINT32 / 2n) / UINT32
  }
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  if (encoding === 'seconds') return value * 1_000_000n
  if (encoding === 'milliseconds') return value * 1000n
  if (encoding === 'deltaMicroseconds') return exportUs - value
  if (encoding !== 'uptime') return value
  if (header.version === IPFIX && (startMs === undefined || startMs > BigInt(Number.MAX_SAFE_INTEGER))) return undefined
  const uptimeMs = header.version === IPFIX ? exportUs / 1000n - (startMs ?? 0n) : BigInt(header.uptimeMs)
  const age = (((uptimeMs - value) % UINT32) + UINT32) % UINT32
  return exportUs - (age > UINT32 - DAY_MS ? age - UINT32 : age) * 1000n
}

function shownTime(us: bigint | undefined): Value | undefined {
  if (us === undefined || us < 0n || us > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  return Number(us) / 1e6
}

/** What one occurrence says for a field; undefined = nothing. */
export function interpretValue(
  field: Field,
  { pen, id, octets }: Occurrence,
  header: MessageHeader,
  startMs?: bigint,
): Value | undefined {
  const element = field.elements?.find(known => known.pen === pen && known.id === id)
  const value = integer(octets)
  switch (field.type.name) {
    case 'address':
      return address(octets)
    case 'mac':
      return octets.length === 6 ? macText(Number(value)) : undefined
    case 'text':
      return new TextDecoder().decode(octets).replace(/^\0+|\0+$/g, '') || undefined
    case 'any':
      return octets.length > 0 ? hexText(octets) : undefined
    case 'time':
      return shownTime(time(octets, element?.encoding, header, startMs))
    case 'direction':
      return value === undefined ? undefined : value === 0n ? 'i' : value === 1n ? 'e' : 'u'
    case 'list':
    case 'real':
      return undefined
    default: {
      if (value === undefined) return undefined
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? value : field.type.show?.(Number(value))
    }
  }
}

/** Whether the field can be read from an element of this length at all. */
export function suits(field: Field, { pen, id, length }: TemplateField): boolean {
  if (length === 0) return false
  if (length === VARIABLE) return field.type.name !== 'time' || !isNtp(field, pen, id)
  if (field.type.name === 'address') return length === 4 || length === 16
  if (field.type.name === 'mac') return length === 6
  if (field.type.name === 'time' && isNtp(field, pen, id)) return length === 8
  return field.type.lane === 'value' || length <= 8
}

function isNtp(field: Field, pen: number, id: number): boolean {
  const encoding = field.elements?.find(known => known.pen === pen && known.id === id)?.encoding
  return encoding === 'microseconds' || encoding === 'nanoseconds'
}

/** The fields of a record that are what one element says: the first of the row's elements that the template has and that suits. */
export function interpretRecord(
  template: readonly TemplateField[],
  occurrences: readonly Occurrence[],
  header: MessageHeader,
): NetRecord {
  const record: NetRecord = {}
  const inTemplate = (pen: number, id: number): TemplateField | undefined =>
    template.find(known => known.pen === pen && known.id === id && known.length > 0)
  const start = occurrences.find(({ pen, id }) => pen === 0 && id === 160)
  const startMs = start && integer(start.octets)
  for (const field of allFields()) {
    const element = field.elements?.find(({ pen, id, encoding }) => {
      const known = inTemplate(pen, id)
      const clockless = encoding === 'uptime' && header.version === IPFIX && !inTemplate(0, 160)
      return encoding !== 'special' && known && suits(field, known) && !clockless
    })
    const occurrence = element && occurrences.find(({ pen, id }) => pen === element.pen && id === element.id)
    const value = occurrence && interpretValue(field, occurrence, header, startMs)
    if (value !== undefined) record[field.name] = value
  }
  return record
}
