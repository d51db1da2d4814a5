// The share of the datagrams that one of several workers decodes: from a ring that another thread fills.
import type { MessagePort } from 'node:worker_threads'
import type { Host } from '../contract/host.ts'
import type { Batch, Stream } from '../contract/record.ts'
import { Mark } from '../stream/mark.ts'
import type { FlowDecoder } from '../wire/flow/decoder.ts'
import type { Admission } from './admission.ts'
import { type Ring, RingReader } from './datagram-ring.ts'
import type { TemplatePlace } from './template-store.ts'
import { Turns } from './turns.ts'
import type { RingNews } from './udp-thread-messages.ts'
import type { Upkeep } from './upkeep.ts'

export interface FlowShare {
  readonly ring: Ring
  /** Says RingNews. */
  readonly news: MessagePort
  /** Records have the number of their datagram. */
  readonly isNumbered: boolean
  readonly templates: TemplatePlace | undefined
}

class ShareReader {
  readonly #reader: RingReader
  readonly #decoder: FlowDecoder
  readonly #admission: Admission
  readonly #isNumbered: boolean

  constructor({ ring, isNumbered }: FlowShare, decoder: FlowDecoder, admission: Admission) {
    this.#reader = new RingReader(ring)
    this.#decoder = decoder
    this.#admission = admission
    this.#isNumbered = isNumbered
  }

  wake(): void {
    this.#reader.wake()
  }

  /** What the ring has; returns whether there is more. Marks stand where they stood among the datagrams. */
  *decode(): Generator<Batch, boolean> {
    const [decoder, admission] = [this.#decoder, this.#admission]
    for (const { isMark, octets, view, start, end, peer, timeUs, number } of this.#reader.datagrams()) {
      if (isMark) {
        yield* decoder.flush()
        yield new Mark(timeUs / 1000)
      } else if (admission.allows(peer.address)) {
        if (this.#isNumbered) decoder.datagram = number
        for (const batch of decoder.decode(octets, view, start, end, peer, timeUs)) yield batch
      }
    }
    if (!this.#reader.isMore) yield* decoder.flush()
    return this.#reader.isMore
  }
}

/** Ends when the writer of the ring said so and the ring is empty, or at once when the host's signal aborts. */
export async function* flowsOfShare(
  share: FlowShare,
  decoder: FlowDecoder,
  admission: Admission,
  upkeep: Upkeep,
  host: Host,
): Stream {
  const turns = new Turns()
  const reader = new ShareReader(share, decoder, admission)
  let ended = false
  const ring = () => turns.ring()
  share.news.on('message', (news: RingNews) => {
    if (news === 'ended') ended = true
    reader.wake()
    ring()
  })
  host.signal.addEventListener('abort', ring)
  try {
    while (!host.signal.aborted) {
      // What was put in before the end was told is seen by a look that begins after it.
      const isLast = ended
      const isMore = yield* reader.decode()
      await upkeep()
      if (isMore || (ended && !isLast)) ring()
      else if (isLast) break
      await turns.wait()
    }
  } finally {
    host.signal.removeEventListener('abort', ring)
    share.news.close()
  }
}
