// What is counted of an open flow: numbers that stand one after another, before its headers.

/** Times are Unix microseconds. */
export const START = 0
export const LAST = 1
/** Bits: see below. */
export const MARKS = 2
/** Numbers of a direction begin here. */
export const FORWARD = 3
export const REVERSE = 8
export const STATE_NUMBERS = 13

/** Of a direction. */
export const PACKETS = 0
export const BYTES = 1
export const FLAGS = 2
export const FIRST = 3
export const NEWEST = 4

/** The first packet came from the end that stands second in the key. */
export const SWAPPED = 1
export const IS_TCP = 2
/** Directions that were finished. */
export const FORWARD_DONE = 4
export const REVERSE_DONE = 8
/** The first packet was in no tunnel. */
export const PLAIN = 16
export const DONE = FORWARD_DONE | REVERSE_DONE

/** A flow that begins. */
export function clearState(numbers: Float64Array, at: number, timeUs: number, marks: number): void {
  numbers.fill(0, at, at + STATE_NUMBERS)
  numbers[at + START] = timeUs
  numbers[at + MARKS] = marks
  numbers[at + FORWARD + FIRST] = numbers[at + FORWARD + NEWEST] = Number.NaN
  numbers[at + REVERSE + FIRST] = numbers[at + REVERSE + NEWEST] = Number.NaN
}

/** A packet of the direction whose numbers begin at `at`. */
export function countPacket(numbers: Float64Array, at: number, timeUs: number, bytes: number, flags: number): void {
  if (numbers[at + PACKETS] === 0) numbers[at + FIRST] = timeUs
  numbers[at + NEWEST] = timeUs
  numbers[at + PACKETS] = (numbers[at + PACKETS] as number) + 1
  numbers[at + BYTES] = (numbers[at + BYTES] as number) + bytes
  if (flags > 0) numbers[at + FLAGS] = (numbers[at + FLAGS] as number) | flags
}
