// Datagrams of exporters that stand behind records of flow-recv: by who sent them, and their number.
import { isProblem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { emptyHeader, HEADER_OCTETS, IPFIX, NETFLOW9, readHeader } from '../flow/message.ts'
import { isSflow, readDatagram } from '../sflow/datagram.ts'
import { Address, Xdr } from '../sflow/xdr.ts'
import type { Frame } from './frame.ts'
import { addressText } from './headers.ts'

const UDP = 17
const SET_HEADER_OCTETS = 4
/** Sets of NetFlow v9: templates 0 and 1; of IPFIX: 2 and 3. */
const TEMPLATE_SETS: { readonly [version: number]: ReadonlySet<number> } = {
  [NETFLOW9]: new Set([0, 1]),
  [IPFIX]: new Set([2, 3]),
}
/** First fragments whose rest is waited for; the oldest goes. */
const FRAGMENTS = 1024

/** Who sends: version, domain or sub-agent, address. */
const senderOf = (version: unknown, sysid: unknown, peer: unknown): string => `${version} ${sysid} ${peer}`

export class SliceDatagrams {
  readonly #templates: boolean
  readonly #numbers = new Set<string>()
  readonly #senders = new Set<string>()
  readonly #fragments = new Set<string>()
  readonly #header = emptyHeader()
  readonly #agent = new Address()
  readonly #xdr = new Xdr()

  /** `templates`: datagrams with templates of the same senders are meant, too. */
  constructor(templates: boolean) {
    this.#templates = templates
  }

  /** False when the record does not say which datagram it came in. */
  add(record: NetRecord): boolean {
    const { peer_ip_src: peer, export_proto_version: version, export_proto_sysid: sysid } = record
    const number = record.export_proto_seqno
    if (typeof number !== 'number' || typeof peer !== 'string' || typeof version !== 'number') return false
    const sender = senderOf(version, sysid ?? 0, peer)
    this.#senders.add(sender)
    this.#numbers.add(`${sender} ${number}`)
    return true
  }

  holds(frame: Frame): boolean {
    const { here } = frame.packet
    if (this.#numbers.size === 0 || here.protocol !== UDP) return false
    const from = addressText(here, here.source)
    if (!(here.fragmentId >= 0)) return this.#holdsPayload(frame, from)
    const datagram = `${from} ${addressText(here, here.destination)} ${here.fragmentId}`
    if (here.fragmentOffset > 0) return this.#fragments.has(datagram)
    if (!this.#holdsPayload(frame, from)) return false
    if (this.#fragments.size >= FRAGMENTS) this.#fragments.delete(this.#fragments.values().next().value as string)
    this.#fragments.add(datagram)
    return true
  }

  #holdsPayload({ view, packet }: Frame, from: string): boolean {
    const { at, end } = packet
    if (isSflow(view, at, end)) return this.#holdsSflow(view, at, end, from)
    const content = readHeader(view, at, end, this.#header)
    if (isProblem(content)) return false
    const { version, sysid, sequence } = this.#header
    const sender = senderOf(version, sysid, from)
    if (this.#numbers.has(`${sender} ${sequence}`)) return true
    return this.#templates && this.#senders.has(sender) && hasTemplates(view, at, Math.min(content, end), version)
  }

  /** The exporter of records is the agent, or the sender where that was asked for. */
  #holdsSflow(view: DataView, at: number, end: number, from: string): boolean {
    this.#xdr.begin(view, at, end)
    if (readDatagram(this.#xdr, this.#agent, this.#header) === undefined) return false
    const { version, sysid, sequence } = this.#header
    return [this.#agent.text, from].some(peer => this.#numbers.has(`${senderOf(version, sysid, peer)} ${sequence}`))
  }
}

function hasTemplates(view: DataView, start: number, end: number, version: number): boolean {
  const sets = TEMPLATE_SETS[version]
  if (!sets) return false
  for (let at = start + (HEADER_OCTETS[version] as number); end - at >= SET_HEADER_OCTETS; ) {
    if (sets.has(view.getUint16(at))) return true
    const octets = view.getUint16(at + 2)
    if (octets < SET_HEADER_OCTETS) return false
    at += octets
  }
  return false
}
