// What the receiving thread and the stream say to each other.
import type { Problem } from '../contract/problem.ts'
import type { Ring } from './datagram-ring.ts'
import type { UdpOptions, UdpSocket } from './udp-sockets.ts'

export interface UdpThreadInput {
  readonly options: UdpOptions
  readonly ring: Ring
  /** Float64Array by COUNTED, written by the thread. */
  readonly counters: SharedArrayBuffer
}
export type UdpThreadMessage =
  | { readonly kind: 'ready'; readonly sockets: readonly Omit<UdpSocket, 'socket'>[] }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** The ring has something. */
  | { readonly kind: 'wake' }
  /** All that the sockets had is in the ring, and nothing more will be. */
  | { readonly kind: 'ended' }
/** `close` closes the sockets: not before their drops were read. */
export type UdpThreadOrder = 'drain' | 'close'

/** Indexes of the counters. */
export const COUNTED = { datagrams: 0, octets: 1, queueFull: 2 } as const
