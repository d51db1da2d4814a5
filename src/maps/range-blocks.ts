// Ranges of whole numbers as aligned blocks of 2^k numbers, so that a hash table can hold them: 10-20 is 10-11, 12-15,
// 16-19, 20. A number is then looked up with each block that it lies in.

/** Numbers from here on are not in blocks. */
const LIMIT = 2 ** 32
const LEVELS = 32

/** Block `place` of 2^level numbers; level 0 is the number itself. */
function block(level: number, place: number): number {
  return level === 0 ? place : level * LIMIT + place
}

/** Whether the ends of a range can be made of blocks. */
export function isBlocked(from: number, to: number): boolean {
  return Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to < LIMIT
}

/** The blocks of a range, both ends in it; at most 62. */
export function blocksOf(from: number, to: number): number[] {
  const blocks: number[] = []
  let at = from
  while (at <= to) {
    let level = 0
    while (level < LEVELS && at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) - 1 <= to) level++
    blocks.push(block(level, at / 2 ** level))
    at += 2 ** level
  }
  return blocks
}

/** The levels that rows have blocks of. */
export class BlockLevels {
  #levels: number[] = []

  add(id: number): void {
    const level = id < LIMIT ? 0 : Math.floor(id / LIMIT)
    if (level > 0 && !this.#levels.includes(level)) this.#levels.push(level)
  }

  /** Fills `values` with a number and the blocks that it lies in; returns how many. */
  fill(value: number, values: number[]): number {
    if (Number.isNaN(value)) return 0
    values[0] = value
    let count = 1
    if (this.#levels.length > 0 && Number.isInteger(value) && value >= 0 && value < LIMIT) {
      for (const level of this.#levels) values[count++] = block(level, Math.floor(value / 2 ** level))
    }
    return count
  }
}
