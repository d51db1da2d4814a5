// Records of MRT TABLE_DUMP_V2 (RFC 6396 section 4.3, RFC 8050 for path ids): peers, then prefixes with the routes of all
// peers. IPv4 and IPv6: unicast and multicast; labelled and of VPNs as RIB_GENERIC, by their labels. There too path ids stand
// in the entries, as GoBGP and OpenBGPD have them; RFC 8050 section 4 has them in the NLRI.
import { type Batch, type NetRecord, RECORDS_PER_BATCH } from '../../contract/record.ts'
import type { RouteGroup, RouteSnapshot } from '../../lookup/route-snapshot.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { OctetBuffer } from '../../octets/buffer.ts'
import { parsedRecord } from '../../stream/json.ts'
import { AFI_IPV4, SAFI_VPN } from '../bgp/families.ts'
import { distinguisherOctets } from '../bgp/nlri/route-distinguisher.ts'
import { type NextHopForm, type WrittenAttributes, writeAttributes } from './mrt-attributes.ts'
import type { Peer } from './peers.ts'
import type { Rib } from './rib.ts'
import type { Scope } from './scopes.ts'

const TABLE_DUMP_V2 = 13
const PEER_INDEX_TABLE = 1
const RIB_GENERIC = 6
/** By AFI and SAFI; with path ids they are 6 higher. */
const SUBTYPES: { readonly [family: string]: number } = {
  '1/1': 2,
  '1/2': 3,
  '2/1': 4,
  '2/2': 5,
  ...Object.fromEntries(['1/4', '1/128', '2/4', '2/128'].map(family => [family, RIB_GENERIC])),
}
const PATH_IDS = 6
const LABEL_BITS = 24
const BOTTOM_OF_STACK = 1
const LARGEST_LABEL = 0xf_ffff
const MOST_BITS = 255
const HEADER_OCTETS = 12
/** Texts of attributes whose octets are kept. */
const CACHED_ATTRIBUTES = 100_000

/** Octets of MRT records that stand for `count` routes. */
export interface MrtBatch extends Batch {
  readonly octets: Uint8Array
}

const NOTHING: NetRecord[] = Array.from({ length: 4 * RECORDS_PER_BATCH }, () => ({}))

/** Labels from the top of the stack. Without any there is no NLRI of a family that has them. */
type Labels = readonly number[]
const NO_LABELS: Labels = []

/** A table that MRT has. */
export interface Section {
  readonly scope: Scope
  readonly subtype: number
  readonly form: NextHopForm
  /** Empty where the family has none. */
  readonly distinguisher: Uint8Array
  /** That a length of 255 bits has room for. */
  readonly mostLabels: number
}

/** Undefined where MRT, or netally, has no form for what the table holds. */
export function sectionOf(scope: Scope): Section | undefined {
  const { afi, safi, rd } = scope
  const subtype = SUBTYPES[`${afi}/${safi}`]
  const isVpn = safi === SAFI_VPN
  const distinguisher = rd === undefined ? new Uint8Array(0) : distinguisherOctets(rd)
  if (subtype === undefined || !distinguisher || isVpn !== distinguisher.length > 0) return undefined
  const form = isVpn ? 'vpn' : subtype === RIB_GENERIC ? 'labelled' : 'unicast'
  const addressBits = afi === AFI_IPV4 ? 32 : 128
  const mostLabels = Math.floor((MOST_BITS - addressBits - 8 * distinguisher.length) / LABEL_BITS)
  return { scope, subtype, form, distinguisher, mostLabels }
}

/** An entry of the snapshot and the peer it is of. */
export interface PeerEntry {
  readonly peer: number
  readonly entry: number
}

export class MrtWriter {
  readonly #rib: Rib
  readonly #snapshot: RouteSnapshot
  readonly #seconds: number
  readonly #out = new OctetBuffer(1 << 17)
  readonly #attributes = { unicast: new Map<number, WrittenAttributes>(), labelled: new Map(), vpn: new Map() }
  readonly #labels = new Map<number, Labels>()
  readonly #count: (name: string, by?: number) => void
  #sequence = 0
  #rows = 0

  constructor(rib: Rib, snapshot: RouteSnapshot, nowMs: number, count: (name: string, by?: number) => void) {
    this.#rib = rib
    this.#snapshot = snapshot
    this.#seconds = Math.floor(nowMs / 1000)
    this.#count = count
  }

  /** Begins a record; where its length is to be set. */
  #begin(subtype: number): number {
    const out = this.#out
    out.reserve(HEADER_OCTETS + 64)
    const { view, length } = out
    view.setUint32(length, this.#seconds)
    view.setUint16(length + 4, TABLE_DUMP_V2)
    view.setUint16(length + 6, subtype)
    out.length += HEADER_OCTETS
    return length + 8
  }

  #end(lengthAt: number): void {
    this.#out.view.setUint32(lengthAt, this.#out.length - lengthAt - 4)
  }

  #number(octets: 1 | 2 | 4, value: number): void {
    const out = this.#out
    out.reserve(4)
    if (octets === 1) out.view.setUint8(out.length, value)
    else if (octets === 2) out.view.setUint16(out.length, value)
    else out.view.setUint32(out.length, value)
    out.length += octets
  }

  batch(nowMs: number): MrtBatch {
    const count = this.#rows
    const octets = this.#out.written()
    this.#rows = 0
    this.#out.length = 0
    return { count, records: NOTHING.slice(0, count), now: nowMs, octets }
  }

  get isFull(): boolean {
    return this.#rows >= RECORDS_PER_BATCH
  }

  /** RFC 6396 section 4.3.1; the collector has no identifier and no view name. */
  peers(peers: readonly Peer[]): void {
    const lengthAt = this.#begin(PEER_INDEX_TABLE)
    this.#number(4, 0)
    this.#number(2, 0)
    this.#number(2, peers.length)
    const words = new Uint32Array(4)
    for (const { record, session } of peers) {
      const address = String(record.peer_ip ?? record.peer_ip_src ?? '0.0.0.0')
      const isIpv6 = parseIpv6(address, words, 0)
      // AS numbers have four octets.
      this.#number(1, isIpv6 ? 3 : 2)
      this.#number(4, Math.max(0, parseDotted(String(record.bgp_id ?? record.peer_id ?? session.opened.peer_id ?? ''))))
      if (isIpv6) for (const word of words) this.#number(4, word)
      else this.#number(4, Math.max(0, parseDotted(address)))
      this.#number(4, Number(record.peer_asn ?? record.peer_as ?? session.opened.peer_as ?? 0))
    }
    this.#end(lengthAt)
    this.#rows++
  }

  /** One prefix with the entries that peers have for it; where there are labels, a record for each stack of them. */
  prefix(section: Section, prefix: number, entries: readonly PeerEntry[]): void {
    if (section.form === 'unicast') {
      this.#prefix(section, prefix, NO_LABELS, entries)
      return
    }
    for (const [own, same] of Map.groupBy(entries, ({ entry }) => this.#snapshot.own[entry] as number)) {
      const labels = this.#labelsOf(section, own)
      if (labels.length > 0) this.#prefix(section, prefix, labels, same)
    }
  }

  #prefix(section: Section, prefix: number, labels: Labels, entries: readonly PeerEntry[]): void {
    const { path, attributes } = this.#snapshot
    const { scope, subtype, form } = section
    const hasPaths = entries.some(({ entry }) => path[entry] !== 0)
    const lengthAt = this.#begin(subtype + (hasPaths ? PATH_IDS : 0))
    this.#number(4, this.#sequence++)
    if (subtype === RIB_GENERIC) {
      this.#number(2, scope.afi)
      this.#number(1, scope.safi)
    }
    this.#nlri(prefix, labels, section.distinguisher)
    this.#number(2, entries.length)
    for (const { peer, entry } of entries) {
      this.#number(2, peer)
      this.#number(4, this.#seconds)
      if (hasPaths) this.#number(4, path[entry] as number)
      const { octets, leftOut } = this.#octetsOf(attributes[entry] as number, form)
      if (leftOut > 0) this.#count('mrt_attributes_left_out', leftOut)
      this.#number(2, octets.length)
      this.#out.append(octets)
    }
    this.#end(lengthAt)
    this.#rows += entries.length
  }

  /** RFC 8277 section 2, RFC 4364 section 4.3.4. */
  #nlri(prefix: number, labels: Labels, distinguisher: Uint8Array): void {
    const { prefixes } = this.#rib.table
    const length = prefixes.length(prefix)
    this.#number(1, LABEL_BITS * labels.length + 8 * distinguisher.length + length)
    labels.forEach((label, index) => {
      this.#number(2, label >>> 4)
      this.#number(1, ((label & 15) << 4) | (index === labels.length - 1 ? BOTTOM_OF_STACK : 0))
    })
    this.#out.append(distinguisher)
    for (let bit = 0; bit < length; bit += 8)
      this.#number(1, (prefixes.word(prefix, bit >> 5) >>> (24 - (bit & 24))) & 255)
  }

  /** How many routes of a group have no place in the section. */
  unlabelled(section: Section, { from, to }: RouteGroup): number {
    if (section.form === 'unicast') return 0
    return this.#snapshot.own
      .subarray(from, to)
      .reduce((sum, own) => sum + (this.#labelsOf(section, own).length > 0 ? 0 : 1), 0)
  }

  #labelsOf({ mostLabels }: Section, own: number): Labels {
    let labels = this.#labels.get(own)
    if (!labels) {
      if (this.#labels.size >= CACHED_ATTRIBUTES) this.#labels.clear()
      labels = this.#readLabels(own)
      this.#labels.set(own, labels)
    }
    return labels.length <= mostLabels ? labels : NO_LABELS
  }

  /** What a route has apart from its attributes: one label, or a stack of them. */
  #readLabels(own: number): Labels {
    const { mpls_label, mpls_label_stack } = this.#members(own)
    const labels = (Array.isArray(mpls_label_stack) ? mpls_label_stack : [mpls_label ?? Number.NaN]).map(Number)
    return labels.every(label => label >= 0 && label <= LARGEST_LABEL) ? labels : NO_LABELS
  }

  #members(id: number): NetRecord {
    return parsedRecord(`{${new TextDecoder().decode(this.#rib.table.texts.octets(id))}}`) ?? {}
  }

  #octetsOf(id: number, form: NextHopForm): WrittenAttributes {
    const known = this.#attributes[form]
    let written = known.get(id)
    if (!written) {
      if (known.size >= CACHED_ATTRIBUTES) known.clear()
      written = writeAttributes(this.#members(id), form)
      known.set(id, written)
    }
    return written
  }
}
