// Finds what a backend refuses, where it only says that something of many is refused: by asking again with halves.

/** Requests of one delivery; after that, what is not known to be good counts as refused. */
const MOST_REQUESTS = 1000

/** Undefined: all taken. `isAll`: each of them is refused for this reason. */
export type Verdict = { readonly reason: string; readonly isAll?: boolean } | undefined

export interface Refused<Item> {
  readonly item: Item
  readonly reason: string
}

/** `send` may be given the same items twice; it rejects where nothing can be said. Items are sent in their order. */
export async function isolate<Item>(
  items: readonly Item[],
  send: (items: readonly Item[]) => Promise<Verdict>,
): Promise<Refused<Item>[]> {
  const refused: Refused<Item>[] = []
  const waiting: (readonly Item[])[] = [items]
  for (let requests = 0; waiting.length > 0; requests++) {
    const part = waiting.pop() as readonly Item[]
    if (part.length === 0) continue
    const verdict = await send(part)
    if (!verdict) continue
    const { reason, isAll = false } = verdict
    if (isAll || part.length === 1 || requests >= MOST_REQUESTS) {
      for (const item of part) refused.push({ item, reason })
    } else {
      const middle = part.length >> 1
      waiting.push(part.slice(middle), part.slice(0, middle))
    }
  }
  return refused
}
