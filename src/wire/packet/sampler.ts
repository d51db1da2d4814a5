// Own sampling: one packet in N, at random with a seed, as agents do it: how many to skip is drawn after each that was taken.

const HIGH = 0x1_0000_0000

export class Sampler {
  readonly rate: number
  #state: number
  #skip = 0

  /** `rate` is a whole number from 1. */
  constructor(rate: number, seed: number) {
    this.rate = rate
    this.#state = seed | 0
    this.#draw()
  }

  /** True for the packets that are taken. */
  take(): boolean {
    if (this.#skip > 0) {
      this.#skip--
      return false
    }
    this.#draw()
    return true
  }

  /** 0 to 2N - 2, each as likely: N - 1 in the mean. */
  #draw(): void {
    this.#skip = Math.floor((this.#random() / HIGH) * (2 * this.rate - 1))
  }

  /** Mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
