// Who is at the other end of a call.
import { exporterAddress } from 'netally'
import type { Node } from './inbox.ts'

/** Of gRPC's `192.0.2.1:57400`, `[2001:db8::1]:57400` or `2001:db8::1:57400`. */
export function nodeOf(peer: string, target: string | undefined): Node {
  const colon = peer.lastIndexOf(':')
  const address = peer.slice(0, colon).replace(/^\[|\]$/g, '')
  return { address: exporterAddress(address).address, port: Number(peer.slice(colon + 1)), target }
}
