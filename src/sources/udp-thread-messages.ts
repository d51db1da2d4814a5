// What the receiving thread and the stream say to each other.
import type { MessagePort } from 'node:worker_threads'
import type { Problem } from '../contract/problem.ts'
import type { Ring } from './datagram-ring.ts'
import type { UdpOptions, UdpSocket } from './udp-sockets.ts'

/** Where datagrams go: a ring a reader, and who has which exporter already. */
export interface Outlets {
  readonly rings: readonly Ring[]
  /** By ring: where the word is sent that it has something. Without ports there is one ring, and its reader is who started the thread. */
  readonly ports: readonly MessagePort[]
  readonly known: ReadonlyMap<string, number>
}

export interface UdpThreadInput {
  readonly options: UdpOptions
  readonly outlets: Outlets
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
/** What a ring's own reader is told: the ring has something; or nothing more will come. */
export type RingNews = 'wake' | 'ended'

/** Indexes of the counters. */
export const COUNTED = { datagrams: 0, octets: 1, queueFull: 2 } as const
