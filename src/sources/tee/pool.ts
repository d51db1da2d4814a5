// A pool: who of its receivers gets a datagram.

import type { Tag } from '../../maps/tag-value.ts'
import type { TeePool } from '../../maps/tee-receivers.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import type { Receiver } from './receiver.ts'
import { choose, textHash } from './rendezvous.ts'

/** Choices that are remembered; then all are made again. */
const CHOICES = 65_536

export class Pool {
  readonly definition: TeePool
  readonly receivers: readonly Receiver[]
  readonly #hashes: readonly number[]
  readonly #choices = new Map<string | Tag, readonly Receiver[]>()
  readonly #each: readonly (readonly Receiver[])[]
  #next = 0

  constructor(definition: TeePool, receivers: readonly Receiver[]) {
    this.definition = definition
    this.receivers = receivers
    this.#hashes = receivers.map(({ hash }) => hash)
    this.#each = receivers.map(receiver => [receiver])
  }

  /** Whether what has the tag is for this pool. */
  takes(tag: Tag | undefined): boolean {
    return this.definition.tag?.(tag) ?? true
  }

  chosen(exporter: Exporter, tag: Tag | undefined): readonly Receiver[] {
    switch (this.definition.balance) {
      case 'all':
        return this.receivers
      case 'rr':
        this.#next = (this.#next + 1) % this.receivers.length
        return this.#each[this.#next] as readonly Receiver[]
      case 'hash-agent':
        return this.#byKey(exporter.address)
      case 'hash-tag':
        return this.#byKey(tag ?? 0)
    }
  }

  #byKey(key: string | Tag): readonly Receiver[] {
    let choice = this.#choices.get(key)
    if (!choice) {
      if (this.#choices.size >= CHOICES) this.#choices.clear()
      choice = this.#each[choose(this.#hashes, textHash(String(key)))] as readonly Receiver[]
      this.#choices.set(key, choice)
    }
    return choice
  }
}
