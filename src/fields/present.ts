// Records in the form that a reader asks for: chosen fields, pmacct's exact JSON, times as text.
import type { Batch, NetRecord, Value } from '../contract/record.ts'
import { recordBatch } from '../contract/record.ts'
import { timeText } from '../octets/time-text.ts'
import { ColumnBatch, type Form } from './batch.ts'
import { unnamedCommunity } from './communities.ts'
import { fieldsOf, knownField } from './dictionary.ts'
import type { Field } from './field.ts'
import { forwardingStatusText, tcpFlagNames } from './pmacct-text.ts'
import { protocolNumber } from './protocols.ts'

export type TimeFormat = 'epoch' | 'rfc3339' | 'pmacct'

/** pmacct's encoding switches, by key of the field (an alternative form per field). */
export interface Encodings {
  /** `array`: names of the set flags. */
  readonly tcp_flags?: 'array'
  /** `text`: the meaning in words. */
  readonly fwd_status?: 'text'
  /** `array`: ["0-69", "1-24305"]. */
  readonly mpls_label_stack?: 'array'
  /** `array` of texts instead of pmacct's joined text (with compat only; plain netally has arrays). */
  readonly comms?: 'array'
  /** `comms=number`: well-known communities as numbers, pmacct's bgp_comms_num; with `array` too. */
  readonly numbered_comms?: 'number'
  readonly as_path?: 'array'
  /** `map`: k%v,k2%v2 as an object. */
  readonly label?: 'map'
  /** `number`: the protocol's number as text, pmacct's *_num_protos. */
  readonly ip_proto?: 'number'
  /** `number`: 0 IGP, 1 EGP, 2 incomplete. */
  readonly origin?: 'number'
  /** `dscp`: the upper six bits. */
  readonly tos?: 'dscp'
}

/** Every switch, as `--encode` takes them. */
export const ENCODING_SWITCHES: readonly string[] = [
  'tcp_flags=array',
  'fwd_status=text',
  'mpls_label_stack=array',
  'comms=array',
  'comms=number',
  'as_path=array',
  'label=map',
  'ip_proto=number',
  'origin=number',
  'tos=dscp',
]

/** Where a switch stands in Encodings, if not under its field: of one field there may be two. */
const APART: { readonly [pair: string]: keyof Encodings } = { 'comms=number': 'numbered_comms' }

/** Encodings of switches. */
export const encodingsOf = (pairs: readonly string[]): Encodings =>
  Object.fromEntries(
    pairs.map(pair => {
      const [field, form] = pair.split('=', 2)
      return [APART[pair] ?? field, form]
    }),
  )

export interface PresentOptions {
  readonly fields?: readonly string[] | undefined
  readonly compat?: 'pmacct' | undefined
  readonly timestamps?: TimeFormat | undefined
  /** Times without a fraction, cut off. */
  readonly wholeSeconds?: boolean
  readonly encode?: Encodings | undefined
}

/** What pmacct prints for a listed field without a value. */
function pmacctDefault(field: Field): Value {
  switch (field.name) {
    case 'mpls_vpn_rd':
      return '0:0:0'
    case 'mpls_vpn_rd_origin':
      return 'unknown'
    case 'net_src':
    case 'net_dst':
      return '0.0.0.0'
    case 'net6':
      return '::'
    case 'tunnel_ip_proto':
      return '0'
    case 'srv6_seg_ipv6_list':
      return []
  }
  switch (field.type.name) {
    case 'address':
    case 'text':
    case 'list':
    case 'any':
      return ''
    case 'mac':
      return '00:00:00:00:00:00'
    case 'protocol':
      return 'ip'
    case 'etype':
      return '0'
    case 'direction':
      return 'u'
    default:
      return 0
  }
}

const joined = (value: Value, separator = '_'): Value =>
  Array.isArray(value) ? value.map(String).join(separator) : value

/** pmacct joins the lists of flows with `_`, those of routes with blanks. */
const separatorOf = (record: NetRecord): string => (record.afi === undefined ? '_' : ' ')

/** Keys of routes that pmacct does not have, beside the attributes that it does not know. */
const OURS_ALONE: ReadonlySet<string> = new Set([
  'aggregator_as',
  'aggregator_ip',
  'atomic_aggregate',
  'cluster_list',
  'ecomms_ipv6',
  'mpls_label_stack',
  'originator_id',
  'pmsi_tunnel',
  'psid_srgb',
  'srv6_services',
  'tunnel_encap',
])
const AFI_BGP_LS = 16388

/** Whether pmacct leaves the key out of a record; its BGP-LS records have attributes of unknown types. */
function isOursAlone(name: string, { afi }: NetRecord): boolean {
  if (afi === undefined) return false
  return OURS_ALONE.has(name) || (afi !== AFI_BGP_LS && name.startsWith('attr_'))
}

const labelMap = (value: Value): Value =>
  typeof value === 'string'
    ? Object.fromEntries(
        value
          .split(',')
          .filter(Boolean)
          .map(pair => pair.split('%', 2) as [string, string]),
      )
    : value

const COMMUNITY_LISTS = new Set(['comms', 'ecomms', 'lcomms', 'comms_src', 'ecomms_src', 'lcomms_src'])
/** Of RFC 1997, which have names. */
const NAMED_COMMUNITY_LISTS = new Set(['comms', 'comms_src'])
const ORIGINS: { readonly [letter: string]: number } = { i: 0, e: 1, u: 2 }
const AS_PATHS = new Set(['as_path', 'as_path_src'])
const FLAGS = new Set(['tcp_flags', 'tunnel_tcp_flags'])

/** The encoding switch that a field listens to. */
function switchOf(name: string, encode: Encodings): string | undefined {
  if (FLAGS.has(name)) return encode.tcp_flags
  if (COMMUNITY_LISTS.has(name)) return encode.comms
  if (AS_PATHS.has(name)) return encode.as_path
  return encode[name as keyof Encodings]
}

/** The value of a field as an encoding switch wants it. */
function encodedValue(name: string, value: Value, compat: boolean, encode: Encodings, separator: string): Value {
  const asked = switchOf(name, encode)
  if (FLAGS.has(name)) {
    if (asked === 'array') return tcpFlagNames(Number(value))
    return compat && name === 'tunnel_tcp_flags' ? String(value) : value
  }
  if (name === 'fwd_status')
    return asked === 'text' ? forwardingStatusText(Number(value)) : compat ? String(value) : value
  if (name === 'mpls_label_stack' && Array.isArray(value)) {
    if (asked === 'array') return value.map((label, index) => `${index}-${String(label)}`)
    return compat ? joined(value) : value
  }
  if (name === 'srv6_seg_ipv6_list' && compat && Array.isArray(value)) {
    return value.map((segment, index) => `${index}-${String(segment)}`)
  }
  if (name === 'label' && asked === 'map') return labelMap(value)
  if (name === 'ip_proto' && asked === 'number') return String(protocolNumber(String(value)))
  if (name === 'tos' && asked === 'dscp' && typeof value === 'number') return value >> 2
  if (name === 'origin' && asked === 'number') return ORIGINS[String(value)] ?? value
  if (COMMUNITY_LISTS.has(name) || AS_PATHS.has(name)) {
    const isNumbered = encode.numbered_comms && NAMED_COMMUNITY_LISTS.has(name) && Array.isArray(value)
    const list = isNumbered ? value.map(item => unnamedCommunity(String(item))) : value
    if (asked === 'array') return compat && Array.isArray(list) ? list.map(String) : list
    return compat ? joined(list, separator) : list
  }
  if (name === 'mpls_label' && compat) return String(value)
  return value
}

/** Defaults that an encoding changes: an empty array where the value would be one. */
function emptyValue(field: Field, encode: Encodings): Value {
  const asked = switchOf(field.name, encode)
  if (asked === 'array') return []
  if (asked === 'map') return {}
  if (field.name === 'fwd_status') return asked === 'text' ? forwardingStatusText(0) : '0'
  if (field.name === 'tunnel_tcp_flags') return '0'
  return pmacctDefault(field)
}

function presentRecord(record: NetRecord, fields: readonly Field[] | undefined, options: PresentOptions): NetRecord {
  const compat = options.compat === 'pmacct'
  const encode = options.encode ?? {}
  const times = options.timestamps ?? (compat ? 'pmacct' : 'epoch')
  const separator = separatorOf(record)
  const out: NetRecord = compat && record.event_type === undefined ? { event_type: 'purge' } : {}
  // pmacct prints epoch times as text too (timestamps_since_epoch).
  const formOf = (seconds: number, field: Field): Value =>
    compat && times === 'epoch' ? seconds.toFixed(6) : timeText(seconds, times, field)
  const put = (name: string, value: Value, field: Field | undefined) => {
    const isTime = field?.type.name === 'time' && typeof value === 'number'
    out[name] = isTime
      ? formOf(options.wholeSeconds ? Math.floor(value) : value, field)
      : encodedValue(name, value, compat, encode, separator)
  }
  if (!fields) {
    for (const [name, value] of Object.entries(record)) {
      if (!compat || !isOursAlone(name, record)) put(name, value, knownField(name))
    }
    return out
  }
  for (const field of fields) {
    const value = record[field.name]
    if (value !== undefined) put(field.name, value, field)
    else if (compat && field.name !== 'event_type') {
      out[field.name] = field.type.name === 'time' ? formOf(0, field) : emptyValue(sameFamily(field, record), encode)
    }
  }
  return out
}

/** An unknown net is :: beside an IPv6 address. */
function sameFamily(field: Field, record: NetRecord): Field {
  const beside = field.name === 'net_src' ? record.ip_src : field.name === 'net_dst' ? record.ip_dst : undefined
  const ipv6 = typeof beside === 'string' && beside.includes(':')
  return ipv6 ? { ...field, name: 'net6' } : field
}

/** Fields of a projection in the dictionary's order; a form for column batches, kept by the form it comes from. */
function projection(fields: readonly Field[]): (batch: ColumnBatch) => Batch {
  const forms = new WeakMap<Form, { form: Form; indexes: number[] }>()
  const names = new Set(fields.map(field => field.name))
  return batch => {
    let known = forms.get(batch.form)
    if (!known) {
      const indexes = [...batch.form.fields.keys()].filter(index => names.has(batch.form.fields[index]?.name ?? ''))
      known = { form: { fields: indexes.map(index => batch.form.fields[index] as Field) }, indexes }
      forms.set(batch.form, known)
    }
    const columns = known.indexes.map(index => batch.columns[index] as (typeof batch.columns)[number])
    return new ColumnBatch(known.form, columns, batch.rows, batch.count, batch.now)
  }
}

/** Makes the function that presents batches. */
export function presenter(options: PresentOptions): (batch: Batch) => Batch {
  const fields = options.fields?.flatMap(fieldsOf)
  const project =
    fields && !options.compat && !options.timestamps && !options.wholeSeconds && !options.encode
      ? projection(fields)
      : undefined
  return batch => {
    if (batch.count === 0) return batch
    if (project && batch instanceof ColumnBatch) return project(batch)
    return recordBatch(
      batch.records.map(record => presentRecord(record, fields, options)),
      batch.now,
    )
  }
}
