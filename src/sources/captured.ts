// Datagrams of captures, one file after another: those to some ports, or those that begin as what is looked for.
import type { Host } from '../contract/host.ts'
import type { DatagramBlock } from '../wire/capture/block.ts'
import { captureDatagrams } from './capture-file.ts'

export interface CapturedOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Destination ports; none = by what the datagrams begin with. */
  readonly udpPorts: readonly number[]
}

export class Captured {
  readonly #options: CapturedOptions
  readonly #isWanted: (block: DatagramBlock, start: number, end: number) => boolean
  readonly #others: string
  readonly #host: Host

  /** `others` counts datagrams that begin as something else. */
  constructor(
    options: CapturedOptions,
    isWanted: (block: DatagramBlock, start: number, end: number) => boolean,
    others: string,
    host: Host,
  ) {
    this.#options = options
    this.#isWanted = isWanted
    this.#others = others
    this.#host = host
  }

  async *blocks(signal: AbortSignal): AsyncGenerator<DatagramBlock> {
    const { captures, udpPorts } = this.#options
    const reading = udpPorts.length === 0 ? { signal } : { signal, udpPorts }
    for (const path of captures) {
      if (signal.aborted) break
      yield* captureDatagrams(path, reading, this.#host)
    }
  }

  /** Where in a block the wanted datagrams are. */
  *indexes(block: DatagramBlock): Generator<number> {
    const byContent = this.#options.udpPorts.length === 0
    let others = 0
    for (let index = 0; index < block.count; index++) {
      if (byContent && !this.#isWanted(block, block.start[index] as number, block.end[index] as number)) others++
      else yield index
    }
    if (others > 0) this.#host.count(this.#others, others)
  }
}
