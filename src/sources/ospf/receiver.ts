// What comes of OSPF packets: checked, kept in the databases, told as records.
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import type { Payload } from '../../wire/capture/payloads.ts'
import { type Body, readBody } from '../../wire/ospf/body.ts'
import { lsaText } from '../../wire/ospf/database.ts'
import { LinkStateLog, readerOf } from '../../wire/ospf/link-state-log.ts'
import { isLsaChecksumRight, type Lsa, lsaName, scopeOf } from '../../wire/ospf/lsa.ts'
import { isFault, PACKET_NAMES, type Packet, parsePacket } from '../../wire/ospf/packet.ts'
import { packetRecord } from '../../wire/ospf/packet-record.ts'
import { Made } from '../igp/made.ts'
import type { OspfOptions } from './options.ts'

const BODIES = { 2: 'RFC 2328 section A.3', 3: 'RFC 5340 section A.3' } as const
const LSA_BODIES = { 2: 'RFC 2328 section A.4', 3: 'RFC 5340 section A.4' } as const

export class OspfReceiver {
  readonly #options: OspfOptions
  readonly #host: Host
  readonly #made = new Made()
  readonly #log: LinkStateLog

  constructor(options: OspfOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#log = new LinkStateLog({
      envelope: { igp_domain: options.domain },
      localAs: options.localAs,
      malformed: (lsa, what) => {
        host.count('lsas-malformed')
        const reference = LSA_BODIES[lsa.version]
        host.report({ code: 'ospf/malformed-lsa', message: `${lsaText(lsa)}: ${what}`, reference })
      },
      crowded: () => host.count('lsas-crowded'),
    })
    host.watch(() => [
      { name: 'lsas', value: this.#log.database.lsas.size },
      { name: 'link_state_objects', value: this.#log.objects },
    ])
  }

  open(timeUs: number): void {
    if (!this.#options.pdus) this.#made.records.push(this.#log.marker('log_init', timeUs))
  }

  /** A packet of OSPF; `name` says where it came in. */
  take(payload: Payload, timeUs: number, name: string): void {
    this.tick(timeUs)
    const packet = parsePacket(payload.octets, payload.start, payload.end, payload)
    if (isFault(packet)) {
      this.#drop(packet.kind, `${name}: a packet of OSPF: ${packet.message}`, packet.reference)
      return
    }
    this.#host.count(`pdus/v${packet.version}-${PACKET_NAMES[packet.type]}`)
    if (packet.authentication !== 'none') this.#host.count(`pdus-not-verified/${packet.authentication}`)
    const body = readBody(packet)
    if (typeof body === 'string') {
      this.#drop('malformed', `${name}: a ${PACKET_NAMES[packet.type]}: ${body}`, BODIES[packet.version])
      return
    }
    const cut = body.kind === 'update' ? body.cut : undefined
    if (cut !== undefined) this.#drop('malformed', `${name}: a link-state-update: ${cut}`, BODIES[packet.version])
    if (!this.#options.pdus) this.#lsas(packet, body, timeUs)
    else {
      const head = { timestamp: timeUs / 1e6, igp_domain: this.#options.domain }
      this.#made.records.push({ ...head, ...packetRecord(packet, body, payload) })
    }
  }

  #drop(kind: string, message: string, reference: string): void {
    this.#host.count(`pdus-dropped/${kind}`)
    this.#host.report({ code: `ospf/${kind}`, message, reference })
  }

  #lsas({ instance, areaId }: Packet, body: Body, timeUs: number): void {
    if (body.kind !== 'update') return
    for (const lsa of body.lsas) this.#lsa(lsa, instance, areaId, timeUs)
  }

  #lsa(lsa: Lsa, instance: number, area: string, timeUs: number): void {
    if (!isLsaChecksumRight(lsa)) {
      this.#host.count('lsas/checksum')
      const message = `the checksum of ${lsaText(lsa)} is wrong`
      this.#host.report({ code: 'ospf/lsa-checksum', message, reference: 'RFC 2328 section 13' })
      return
    }
    if (scopeOf(lsa) !== 'link' && !readerOf(lsa)) this.#host.count(`lsas-not-read/v${lsa.version}-${lsaName(lsa)}`)
    const outcome = this.#log.take(lsa, instance, area, timeUs, this.#made.records)
    this.#host.count(`lsas/${outcome}`)
    if (outcome === 'no-room') {
      this.#host.report({ code: 'ospf/database-full', message: `no room for ${lsaText(lsa)}: it is left out` })
    }
  }

  /** Time goes on. */
  tick(timeUs: number): void {
    if (!this.#made.tick(timeUs)) return
    const ended = this.#log.age(timeUs, this.#made.records)
    if (ended.length > 0) this.#host.count('lsas/expired', ended.length)
  }

  flush(): Iterable<Batch> {
    return this.#made.flush()
  }
}
