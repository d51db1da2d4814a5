// One receiver of a pool: where it is now, and what it got.
import type { TeeReceiver, TeeTopic } from '../../maps/tee-receivers.ts'
import { textHash } from './rendezvous.ts'
import type { Sender } from './sender.ts'

export interface ReceiverCounts {
  datagrams: number
  octets: number
  errors: number
  /** Of datagrams: came back by ICMP. */
  returned: number
}

export class Receiver {
  readonly pool: string
  readonly host: string
  readonly port: number
  readonly name: string
  readonly topic: TeeTopic | undefined
  readonly hash: number
  readonly counts: ReceiverCounts = { datagrams: 0, octets: 0, errors: 0, returned: 0 }
  /** What was left out for it, by exporter and domain, in the units of the sequence numbers. */
  readonly removed = new Map<string, number>()
  /** Number of this receiver in outcomes. */
  readonly token: number
  /** Undefined until its name was resolved, or while it cannot be sent to. */
  destination: { address: string; port: number } | undefined
  sender: Sender | undefined
  target = new Uint8Array(0)
  /** When a datagram came back last (performance.now()); then it gets the templates again once it takes datagrams. */
  returnedMs: number | undefined

  constructor(pool: string, { host, port, name, topic }: TeeReceiver, token: number) {
    this.pool = pool
    this.host = host
    this.port = port
    this.name = name
    this.topic = topic
    this.token = token
    this.hash = textHash(name)
  }

  place(address: string, sender: Sender): void {
    this.destination = { address, port: this.port }
    this.sender = sender
    this.target = sender.target(this.destination) as Uint8Array<ArrayBuffer>
  }

  /** Whether a target (struct sockaddr) is this receiver's. */
  isAt(target: Uint8Array): boolean {
    const own = this.target
    // Family, port and address; of IPv6 not the label before the address, nor the zone after it.
    if (own.length === 0 || own.length !== target.length) return false
    for (let at = 0; at < Math.min(own.length, 24); at++) {
      if ((at < 4 || at >= 8 || own.length < 24) && own[at] !== target[at]) return false
    }
    return true
  }

  unplace(): void {
    this.destination = undefined
    this.sender = undefined
  }
}
