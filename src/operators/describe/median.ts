// The median of many numbers in little room: exact up to SAMPLES, then of every second, fourth, ... of them.

const SAMPLES = 2048

export class MedianSample {
  #samples: number[] = []
  #stride = 1
  #seen = 0

  add(number: number): void {
    if (this.#seen++ % this.#stride !== 0) return
    this.#samples.push(number)
    if (this.#samples.length < SAMPLES) return
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0)
    this.#stride *= 2
  }

  /** The lower of two in the middle; undefined when nothing was added. */
  get median(): number | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b)
    return sorted[(sorted.length - 1) >> 1]
  }
}
