// The sampling map as the decoder asks it, read again when the user says so.
import type { Host } from '../contract/host.ts'
import { isProblem } from '../contract/problem.ts'
import { replaced } from '../maps/grammar.ts'
import { readSamplingMap, type SamplingMap } from '../maps/sampling-map.ts'
import { parseDotted, parseIpv6 } from '../octets/address.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'

export class SamplingRates {
  #map: SamplingMap
  readonly #host: Host
  readonly #words = new Uint32Array(4)
  #exporter = ''
  #family: 4 | 6 = 4

  constructor(map: SamplingMap, host: Host) {
    this.#map = map
    this.#host = host
  }

  readonly rate: NonNullable<FlowDecoderOptions['samplingMap']> = (exporter, ifaceIn, ifaceOut) => {
    if (exporter !== this.#exporter) this.#take(exporter)
    const rate = this.#map.rate(this.#family, this.#words, 0, ifaceIn, ifaceOut)
    return rate > 0 ? rate : undefined
  }

  #take(exporter: string): void {
    this.#exporter = exporter
    const address = parseDotted(exporter)
    this.#family = address >= 0 ? 4 : 6
    if (address >= 0) this.#words[0] = address
    else parseIpv6(exporter, this.#words, 0)
  }

  /** Reads the file again; a bad one is reported and the old map stays. */
  async reload(): Promise<void> {
    const map = await readSamplingMap(this.#map.file)
    this.#host.count(isProblem(map) ? 'maps/refused' : 'maps/reloaded')
    this.#map = replaced(this.#map, map, problem => this.#host.report(problem))
  }
}
