// Records out of MRT: the keys that the routes of a message or of a table entry share.
import type { Envelope } from '../bgp/records.ts'
import type { MrtPeer } from './peers.ts'

/** Keys of Envelope.values, those of bgp-recv first. */
export const MRT_ENVELOPE = ['timestamp', 'timestamp_event', 'peer_ip_src', 'event_type', 'peer_id', 'peer_as'] as const

/**
 * `timeUs` is when the message came or the table was written, `eventSeconds` when the route of a table came. pmacct has
 * neither that nor the AS of a peer.
 */
export function mrtEnvelope(
  peer: MrtPeer,
  event: 'log' | 'dump',
  timeUs: number,
  eventSeconds: number | undefined,
  compat: boolean,
): Envelope {
  const more = compat ? [undefined, undefined] : [peer.id, peer.as]
  return { values: [timeUs / 1e6, compat ? undefined : eventSeconds, peer.address, event, ...more] }
}
