// Turns of the event loop: what arrives in one turn has one time, and wakes the reader once.

/** A step of the system's clock larger than this is followed; smaller ones are noise of reading it. */
const CLOCK_STEP_MS = 20

export class Turns {
  #resolve: (() => void) | undefined
  #rung = false
  #scheduled = false
  #nowUs = 0
  #offsetMs = performance.timeOrigin

  /** Unix time of this turn, whole microseconds. */
  nowUs(): number {
    if (this.#nowUs === 0) {
      this.#nowUs = Math.round((this.#offsetMs + performance.now()) * 1000)
      this.#schedule()
    }
    return this.#nowUs
  }

  /** The same in whole milliseconds. */
  nowMs(): number {
    return Math.floor(this.nowUs() / 1000)
  }

  /** Follows the system's clock where that was set; call it now and then. */
  setClock(): void {
    const offsetMs = Date.now() - performance.now()
    if (Math.abs(offsetMs - this.#offsetMs) > CLOCK_STEP_MS) this.#offsetMs = offsetMs
  }

  /** Wakes the reader when the turn is over. */
  ring(): void {
    this.#rung = true
    this.#schedule()
  }

  /** Resolves at the end of the turn in which `ring` was called since the last wait. One call at a time. */
  wait(): Promise<void> {
    return new Promise(resolve => {
      this.#resolve = resolve
      if (this.#rung) this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#end)
  }

  readonly #end = () => {
    this.#scheduled = false
    this.#nowUs = 0
    const resolve = this.#resolve
    if (!resolve || !this.#rung) return
    this.#resolve = undefined
    this.#rung = false
    resolve()
  }
}
