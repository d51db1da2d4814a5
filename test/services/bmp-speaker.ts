// A router that speaks BMP for tests: tells a station, from an address of its own, what one peer of it announces.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { IPV4_UNICAST, IPV6_UNICAST } from '../../src/wire/bgp/families.ts'
import { attribute, u16, update } from '../support/bgp-writer.ts'
import { bmp, open, type PeerParts, peerUp, routeMonitoring, text } from '../wire/bmp/bmp-writer.ts'
import { message, type Route } from './bgp-speaker.ts'

const INITIATION = 4
const SYS_DESCR = 1
const SYS_NAME = 2
const OWN_AS = 64_496

/** Opens a session from an address of loopback and tells the routes of a peer; it lasts as long as the test. */
export async function monitor(
  context: TestContext,
  from: string,
  port: number,
  peer: PeerParts & { readonly as: number },
  routes: readonly Route[],
): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bmp(INITIATION, [...text(SYS_DESCR, 'a router of a test'), ...text(SYS_NAME, from)]))
  const families = { families: [IPV4_UNICAST, IPV6_UNICAST] }
  socket.write(peerUp({ local: from, sent: open(OWN_AS, families), received: open(peer.as, families) }, peer))
  for (const route of routes) socket.write(routeMonitoring(message(route), peer))
  // End-of-RIB of both families (RFC 4724 section 2).
  socket.write(routeMonitoring(update({}), peer))
  socket.write(routeMonitoring(update({ attributes: attribute(15, [...u16(2), 1]) }), peer))
  if (socket.writableLength > 0) await once(socket, 'drain')
}
