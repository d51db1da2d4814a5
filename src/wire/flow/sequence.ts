// What sequence numbers say about lost and reordered messages. The unit is the protocol's: v5 flows, v9 messages, IPFIX data records.
import { IPFIX, type MessageHeader, NETFLOW9 } from './message.ts'

/** Further back than this many messages is a new start, not reordering. */
const REORDER_MESSAGES = 64
const UNITS_PER_MESSAGE = 30
/** A jump so far ahead is a new start, not loss. */
const JUMP_UNITS = 2 ** 24
/** An exporter's clock may be adjusted by so much without having started anew. */
const BOOT_TOLERANCE_MS = 60_000

export interface SequenceCounters {
  lost: number
  reordered: number
  restarts: number
}

export class Sequence {
  #expected = -1
  #bootMs = Number.NaN

  /** `units` in this message; NaN when nobody can know (data of unknown templates). */
  see(header: MessageHeader, units: number, counters: SequenceCounters): void {
    const { sequence, version } = header
    const step = version === NETFLOW9 ? 1 : units
    if (this.#restarted(header)) counters.restarts++
    else if (this.#expected >= 0) {
      const ahead = (sequence - this.#expected) | 0
      const window = version === NETFLOW9 ? REORDER_MESSAGES : REORDER_MESSAGES * UNITS_PER_MESSAGE
      if (ahead < 0 && ahead >= -window) {
        counters.reordered++
        // It was counted as lost when its successor came.
        if (step > 0) counters.lost = Math.max(0, counters.lost - step)
        return
      }
      if (ahead < 0 || ahead > JUMP_UNITS) counters.restarts++
      else counters.lost += ahead
    }
    this.#expected = Number.isNaN(step) ? -1 : (sequence + step) >>> 0
  }

  #restarted(header: MessageHeader): boolean {
    if (header.version === IPFIX) return false
    const bootMs = header.exportUs / 1000 - header.uptimeMs
    const later = bootMs - this.#bootMs
    this.#bootMs = bootMs
    // sysUptime wraps after 49.7 days: the boot time seems to jump by just that.
    return later > BOOT_TOLERANCE_MS && Math.abs(later - 2 ** 32) > BOOT_TOLERANCE_MS
  }
}
