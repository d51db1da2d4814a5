// How long is tried on after a signal to end.

/** The end of the grace time after a signal, or after an input that failed. */
export class Grace {
  readonly #end = new AbortController()
  readonly #graceMs: number
  readonly #signal: AbortSignal
  #timer: NodeJS.Timeout | undefined

  constructor(graceMs: number, signal: AbortSignal) {
    this.#graceMs = graceMs
    this.#signal = signal
    if (signal.aborted) this.start()
    else signal.addEventListener('abort', this.start, { once: true })
  }

  get end(): AbortSignal {
    return this.#end.signal
  }

  readonly start = (): void => {
    this.#timer ??= setTimeout(() => this.#end.abort(), this.#graceMs)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.start)
  }
}
