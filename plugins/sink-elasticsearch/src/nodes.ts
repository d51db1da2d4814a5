// The nodes of a cluster: one is written to until it fails, then the next.
import type { Endpoint } from 'netally'

export class Nodes {
  readonly #urls: readonly URL[]
  #at = 0

  constructor(endpoints: readonly Endpoint[], isSecure: boolean) {
    this.#urls = endpoints.map(({ host, port, path }) => {
      const name = host.includes(':') ? `[${host}]` : host
      return new URL(`${isSecure ? 'https' : 'http'}://${name}:${port}/${path.replace(/\/*$/, '')}`)
    })
  }

  get count(): number {
    return this.#urls.length
  }

  get current(): URL {
    return this.#urls[this.#at] as URL
  }

  /** The one that was used has failed. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length
  }
}
