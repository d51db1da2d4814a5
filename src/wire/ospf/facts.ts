// What LSAs need to know of others: who said what under a topic, and who asked for it.

export class Facts {
  /** Topic -> who says it -> what. */
  readonly #values = new Map<string, Map<string, string>>()
  /** Topic -> who asked. */
  readonly #asked = new Map<string, Set<string>>()
  readonly #topicsOfAsker = new Map<string, Set<string>>()
  readonly #topicOfSayer = new Map<string, string>()

  /** Values under the topic, the last one said last; `who` is told of changes until it is forgotten. */
  ask(who: string, topic: string): string[] {
    put(this.#asked, topic, who)
    put(this.#topicsOfAsker, who, topic)
    return [...(this.#values.get(topic)?.values() ?? [])]
  }

  /** What `who` asked no longer matters. */
  forget(who: string): void {
    for (const topic of this.#topicsOfAsker.get(who) ?? []) {
      const asked = this.#asked.get(topic)
      asked?.delete(who)
      if (asked?.size === 0) this.#asked.delete(topic)
    }
    this.#topicsOfAsker.delete(who)
  }

  /** `who` says this now, and nothing else; gives those who asked, when that is a change. */
  publish(who: string, fact: readonly [topic: string, value: string] | undefined): string[] {
    const before = this.#topicOfSayer.get(who)
    const [topic, value] = fact ?? []
    if (before === topic && (topic === undefined || this.#values.get(topic)?.get(who) === value)) return []
    if (before !== undefined) {
      const values = this.#values.get(before)
      values?.delete(who)
      if (values?.size === 0) this.#values.delete(before)
      this.#topicOfSayer.delete(who)
    }
    if (topic !== undefined && value !== undefined) {
      const values = this.#values.get(topic) ?? new Map<string, string>()
      this.#values.set(topic, values.set(who, value))
      this.#topicOfSayer.set(who, topic)
    }
    return [...(this.#asked.get(topic ?? before ?? '') ?? [])]
  }
}

function put(sets: Map<string, Set<string>>, key: string, item: string): void {
  const known = sets.get(key)
  if (known) known.add(item)
  else sets.set(key, new Set([item]))
}
