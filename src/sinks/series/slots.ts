// Backends keep one point for a series and time: a second one replaces it. Rows of a bin that come late, the rest of a bin after a
// restart, and flows of the same moment are such. So each delivery has a place of its own below the precision of the records:
// whole seconds have room for a thousand (ms) to a thousand million (ns) deliveries. The place follows from the delivery's id,
// so that it is the same when the delivery comes again.
import { hash } from 'node:crypto'

export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/** Digits below the second. */
const DIGITS: { readonly [unit in TimeUnit]: number } = { s: 0, ms: 3, us: 6, ns: 9 }
/** From here on two deliveries meet by chance so seldom that none is remembered. */
const MANY_SLOTS = 1_000_000
/** Room for points of one delivery that cannot be merged. */
const OCCURRENCES = 1000
const SEGMENT_OCTETS = 1 << 24

/** A number that grows by one (in a spool: by octets) from delivery to delivery, beginning anywhere. */
function positionOf(id: string): number {
  const [run = '', ...rest] = id.split('-')
  const begin = Number.parseInt(hash('sha256', run, 'hex').slice(0, 8), 16)
  const numbers = rest.map(Number)
  const at = numbers.length === 1 ? numbers[0] : (numbers[0] ?? 0) * SEGMENT_OCTETS + (numbers[1] ?? 0)
  return begin + (Number.isSafeInteger(at) ? (at as number) : 0)
}

/** Where there are few slots: deliveries of this process that have the same one by chance take others. */
class Few {
  readonly #slots: number
  readonly #byId = new Map<string, number>()
  readonly #taken = new Set<number>()

  constructor(slots: number) {
    this.#slots = slots
  }

  of(id: string): number {
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    if (this.#byId.size >= this.#slots / 2) this.#forgetFirst()
    let slot = positionOf(id) % this.#slots
    while (this.#taken.has(slot)) slot = (slot + 1) % this.#slots
    this.#byId.set(id, slot)
    this.#taken.add(slot)
    return slot
  }

  #forgetFirst(): void {
    const [first] = this.#byId
    if (!first) return
    this.#byId.delete(first[0])
    this.#taken.delete(first[1])
  }
}

/** Writes times of points in a unit, each with the place of its delivery. */
export class Slots {
  readonly #unit: TimeUnit
  readonly #thousand = new Few(1000)

  constructor(unit: TimeUnit) {
    this.#unit = unit
  }

  /**
   * For one delivery: Unix microseconds and occurrence to the decimal number of units. Times that are no whole seconds keep
   * microseconds in ns, milliseconds in us, and seconds in ms.
   */
  of(id: string): (timeUs: number, occurrence: number) => string {
    const digits = DIGITS[this.#unit]
    const slots = 10 ** digits
    const few = digits === 0 ? 0 : this.#thousand.of(id)
    const wide = slots >= MANY_SLOTS ? (positionOf(id) * OCCURRENCES) % slots : few
    // What a time that is no whole second keeps: three digits less than the unit has.
    const keptUs = 10 ** (9 - digits)
    let lastUs = Number.NaN
    let lastText = ''
    return (timeUs, occurrence) => {
      if (digits === 0) return String(Math.floor(timeUs / 1e6))
      if (timeUs === lastUs && occurrence === 0) return lastText
      const isWhole = timeUs % 1e6 === 0
      const text = isWhole
        ? `${timeUs / 1e6}${String((wide + occurrence) % slots).padStart(digits, '0')}`
        : `${Math.floor(timeUs / keptUs)}${String((few + occurrence) % 1000).padStart(3, '0')}`
      if (occurrence === 0) {
        lastUs = timeUs
        lastText = text
      }
      return text
    }
  }
}
