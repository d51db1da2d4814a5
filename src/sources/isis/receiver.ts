// What comes of PDUs, wherever they come from: checked, kept in the database, told as records.
import type { Host, Reading } from '../../contract/host.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { replaced } from '../../maps/grammar.ts'
import type { KeyScope } from '../../maps/isis-keys.ts'
import { type IsisKeys, readIsisKeys } from '../../maps/isis-keys.ts'
import { isAuthentic } from '../../wire/isis/authentication.ts'
import { isChecksumRight } from '../../wire/isis/checksum.ts'
import { LinkStateLog, type Outcome } from '../../wire/isis/link-state-log.ts'
import { type Lsp, type Pdu, parsePdu } from '../../wire/isis/pdu.ts'
import { PDU_NAMES, pduRecord } from '../../wire/isis/pdu-record.ts'
import { Made } from '../igp/made.ts'
import type { IsisOptions } from './options.ts'

const scopeOf = (pdu: Pdu): KeyScope => (pdu.kind === 'hello' ? 'hello' : pdu.level === 1 ? 'level-1' : 'level-2')

export class IsisReceiver {
  readonly log: LinkStateLog
  keys: IsisKeys | undefined
  readonly #options: IsisOptions
  readonly #host: Host
  readonly #made = new Made()

  constructor(options: IsisOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.keys = options.keys
    this.log = new LinkStateLog({
      envelope: { igp_domain: options.domain },
      localAs: options.localAs,
      malformed: ({ id }, type) => {
        host.count('isis/malformed-tlvs')
        host.report({ code: 'isis/malformed-tlv', message: `LSP ${id}: TLV ${type} does not read well` })
      },
    })
    host.watch(() => this.readings())
  }

  *readings(): Iterable<Reading> {
    yield { name: 'lsps', value: this.log.database.lsps.size }
    yield { name: 'link_state_objects', value: this.log.objects }
  }

  /** The PDU in octets [start, end), when it is one that is believed; `from` says where it came in. */
  read(octets: Uint8Array, start: number, end: number, from: string): Pdu | undefined {
    const pdu = parsePdu(octets, start, end)
    if (typeof pdu === 'string') return this.#drop('malformed', `${from}: a PDU is malformed: ${pdu}`)
    this.#host.count(`pdus/${PDU_NAMES[pdu.type]}`)
    if (pdu.kind === 'lsp' && pdu.lifetimeSeconds > 0 && !isChecksumRight(pdu.octets)) {
      return this.#drop('checksum', `${from}: the checksum of LSP ${pdu.id} is wrong`)
    }
    const keys = this.keys?.of(scopeOf(pdu)) ?? []
    if (keys.length > 0 && !isAuthentic(pdu, keys)) {
      const hint = 'another key, or another kind of it: see --key-file'
      return this.#drop('authentication', `${from}: no key of ours signed a ${PDU_NAMES[pdu.type]}`, hint)
    }
    return pdu
  }

  #drop(reason: string, message: string, hint?: string): undefined {
    this.#host.count(`pdus-dropped/${reason}`)
    this.#host.report({ code: `isis/${reason}`, message, ...(hint === undefined ? {} : { hint }) })
    return undefined
  }

  /** A PDU that was read; of an LSP what became of it. */
  take(pdu: Pdu, timeUs: number): Outcome | undefined {
    this.tick(timeUs)
    if (this.#options.pdus) {
      this.#made.records.push({ timestamp: timeUs / 1e6, igp_domain: this.#options.domain, ...pduRecord(pdu) })
    }
    return pdu.kind === 'lsp' ? this.#lsp(pdu, timeUs) : undefined
  }

  #lsp(lsp: Lsp, timeUs: number): Outcome {
    const outcome = this.log.take(lsp, timeUs, this.#options.pdus ? [] : this.#made.records)
    this.#host.count(`lsps/${outcome}`)
    if (outcome === 'no-room') {
      this.#host.report({ code: 'isis/database-full', message: `no room for LSP ${lsp.id}: it is left out` })
    }
    return outcome
  }

  /** Time goes on. */
  tick(timeUs: number): void {
    if (!this.#made.tick(timeUs)) return
    const ended = this.log.age(timeUs, this.#options.pdus ? [] : this.#made.records)
    if (ended.length > 0) this.#host.count('lsps/expired', ended.length)
  }

  marker(event: string, timeUs: number, more?: NetRecord): void {
    if (!this.#options.pdus) this.#made.records.push(this.log.marker(event, timeUs, more))
  }

  /** What was made so far. */
  flush(): Iterable<Batch> {
    return this.#made.flush()
  }

  async reload(): Promise<void> {
    const before = this.keys
    if (!before) return
    this.keys = replaced(before, await readIsisKeys(before.file), problem => this.#host.report(problem))
    if (this.keys !== before) this.#host.count('maps/reloaded')
  }
}
