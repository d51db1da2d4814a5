// Ports of later fragments: those of the first, as pmacctd has them.
import type { Headers } from './headers.ts'

/** First fragments that are remembered; the oldest goes. */
const FRAGMENTS = 4096
/** By the record clock: what comes later is another packet (RFC 791, RFC 8200 section 4.5 has 60 s). */
const AGE_US = 60_000_000

interface Ports {
  readonly source: number
  readonly destination: number
  readonly timeUs: number
}

export class FragmentPorts {
  readonly #ports = new Map<string, Ports>()

  /** Remembers the ports of a first fragment, or gives a later one those that are known. */
  see(headers: Headers, timeUs: number): void {
    const { source, destination, family, protocol, fragmentId, fragmentOffset } = headers
    const words = family === 6 ? 4 : 1
    const key = `${source.subarray(0, words).join()} ${destination.subarray(0, words).join()} ${protocol} ${fragmentId}`
    if (fragmentOffset === 0) {
      if (Number.isNaN(headers.sourcePort)) return
      this.#ports.delete(key)
      if (this.#ports.size >= FRAGMENTS) this.#ports.delete(this.#ports.keys().next().value as string)
      this.#ports.set(key, { source: headers.sourcePort, destination: headers.destinationPort, timeUs })
      return
    }
    const known = this.#ports.get(key)
    if (!known || timeUs - known.timeUs > AGE_US) return
    headers.sourcePort = known.source
    headers.destinationPort = known.destination
  }
}
