// Structures that nobody knows here, counted by who defined them.
import type { Reading } from '../../contract/host.ts'

/** Formats that are told apart; more are counted under one name. */
const FORMATS = 64
const FORMAT_BITS = 12

/** What is unknown: a sample, or what stands in one. */
export type StructureKind = 'sample' | 'flow' | 'counters'

export class UnknownStructures {
  readonly #counts = new Map<string, number>()

  /** `format` has the enterprise above its lower 12 bits. */
  add(kind: StructureKind, format: number): void {
    const said = `${kind} ${format >>> FORMAT_BITS}:${format & ((1 << FORMAT_BITS) - 1)}`
    const name = this.#counts.has(said) || this.#counts.size < FORMATS ? said : `${kind} other`
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** One for each enterprise and format. */
  *readings(exporter: string): Iterable<Reading> {
    for (const [name, value] of this.#counts) {
      const [kind = '', format = ''] = name.split(' ')
      yield { name: 'exporter_unknown_structures', labels: { exporter, kind, format }, value }
    }
  }
}
