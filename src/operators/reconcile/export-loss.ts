// How much of an exporter's messages never came, by their sequence numbers: as far as records tell it. Messages without
// records (templates, options) look like lost ones, so this is a hint: it counts where it explains what is missing.

/** Versions that number messages; the others (5, 10) number the flows. */
const NUMBERS_MESSAGES: ReadonlySet<number> = new Set([2, 4, 9])
const SFLOW5_OR_NETFLOW5 = 5
/** A number further back is a restart. */
const REORDERED = 1000
/** More at once is a restart, too. */
const MOST_LOST = 1_000_000
/** Observation domains of an exporter that are followed. */
const MAX_DOMAINS = 256

interface Domain {
  last: number
  /** Records since `last` was first seen. */
  records: number
}

export class ExportLoss {
  readonly #domains = new Map<number, Domain>()
  #seen = 0
  #lost = 0

  /** Share of what was sent that never came, 0..1. */
  get share(): number {
    return this.#seen === 0 ? 0 : this.#lost / (this.#seen + this.#lost)
  }

  /** A record of a message. `isSample`: it is of sFlow, whose version 5 is another than NetFlow's. */
  see(version: number, domain: number, sequence: number, isSample: boolean): void {
    const key = domain * 16 + (version & 15)
    const known = this.#domains.get(key)
    if (!known) {
      if (this.#domains.size < MAX_DOMAINS) this.#domains.set(key, { last: sequence, records: 1 })
      return
    }
    if (sequence === known.last) {
      known.records++
      return
    }
    const perMessage = NUMBERS_MESSAGES.has(version) || (version === SFLOW5_OR_NETFLOW5 && isSample)
    const expected = perMessage ? 1 : known.records
    const step = sequence - known.last
    if (step < 0 && step > -REORDERED) return
    known.last = sequence
    known.records = 1
    if (step < 0 || step - expected > MOST_LOST) return
    this.#seen += expected
    this.#lost += Math.max(0, step - expected)
  }
}
