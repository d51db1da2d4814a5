// Sums that stay exact: doubles while they are, BigInt above 2^53.

export class ExactSum {
  #small = 0
  #large = 0n
  /** Values that are no whole numbers make the sum a real number. */
  #real = 0
  #isReal = false

  add(value: number | bigint): void {
    if (typeof value === 'bigint') this.#large += value
    else if (!Number.isSafeInteger(value)) {
      this.#isReal = true
      this.#real += value
    } else {
      const sum = this.#small + value
      if (Number.isSafeInteger(sum)) this.#small = sum
      else {
        this.#large += BigInt(this.#small) + BigInt(value)
        this.#small = 0
      }
    }
  }

  get value(): number | bigint {
    const whole = this.#large + BigInt(this.#small)
    if (this.#isReal) return this.#real + Number(whole)
    const number = Number(whole)
    return Number.isSafeInteger(number) ? number : whole
  }
}
