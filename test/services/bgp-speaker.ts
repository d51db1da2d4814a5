// A BGP speaker for tests: announces a table over a session that it opens from an address of its own.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { KEEPALIVE, OPEN, writeMessage } from '../../src/wire/bgp/message.ts'
import {
  address,
  asPath,
  attribute,
  mpReach,
  nextHop,
  origin,
  prefix,
  u16,
  u32,
  update,
} from '../support/bgp-writer.ts'
import { random } from '../support/random.ts'

export interface Route {
  readonly prefix: string
  readonly path: readonly number[]
  readonly nextHop: string
  readonly comms: readonly string[]
  readonly lcomms: readonly string[]
  readonly localPref: number
  readonly med: number
}

const HOLD_SECONDS = 180
const LENGTHS = { 4: [8, 16, 19, 22, 24, 28, 32], 6: [32, 44, 48, 64, 128] } as const

/** A route for most of the addresses, of any length that holds them, with any attributes; the same for the same seed. */
export function routesTo(addresses: readonly string[], seed: number, as: number): Route[] {
  const source = random(seed)
  const routes = new Map<string, Route>()
  for (const text of [...addresses].sort()) {
    if (source.chance(0.1)) continue
    const family = text.includes(':') ? 6 : 4
    const length = source.pick([...LENGTHS[family]])
    const numbers = (most: number, limit: number) =>
      Array.from({ length: source.whole(most + 1) }, () => 1 + source.whole(limit))
    const hop = 1 + source.whole(4)
    const network = masked(text, length)
    routes.set(network, {
      prefix: network,
      path: source.chance(0.1) ? [] : [as, ...numbers(4, 400_000)],
      nextHop: family === 6 ? `2001:db8:ffff::${hop}` : `192.0.2.${hop}`,
      // In the order in which pmacct sorts them.
      comms: numbers(3, 60_000)
        .sort((a, b) => a - b)
        .map(number => `64500:${number}`),
      lcomms: numbers(1, 100_000).map(number => `64500:7:${number}`),
      localPref: 100 * hop,
      med: source.whole(50),
    })
  }
  return [...routes.values()]
}

function masked(text: string, length: number): string {
  const octets = address(text).map((octet, index) => octet & (0xff00 >> Math.max(0, Math.min(8, length - 8 * index))))
  const kept = octets.map(octet => octet & 255)
  if (!text.includes(':')) return `${kept.join('.')}/${length}`
  const words = Array.from({ length: 8 }, (_, index) => u16value(kept, 2 * index).toString(16))
  return `${words.join(':')}/${length}`
}

const u16value = (octets: readonly number[], at: number): number => 256 * (octets[at] ?? 0) + (octets[at + 1] ?? 0)

export function message(route: Route): Uint8Array {
  const isIpv6 = route.prefix.includes(':')
  const numbers = (texts: readonly string[], width: (value: number) => number[]) =>
    texts.flatMap(text => text.split(':').map(Number).flatMap(width))
  const attributes = [
    ...origin(),
    ...asPath(...route.path),
    ...(isIpv6 ? [] : nextHop(route.nextHop)),
    ...attribute(4, u32(route.med)),
    ...attribute(5, u32(route.localPref)),
    ...(route.comms.length > 0 ? attribute(8, numbers(route.comms, u16)) : []),
    ...(route.lcomms.length > 0 ? attribute(32, numbers(route.lcomms, u32)) : []),
    ...(isIpv6 ? mpReach(2, 1, route.nextHop, prefix(route.prefix)) : []),
  ]
  return update(isIpv6 ? { attributes } : { attributes, nlri: prefix(route.prefix) })
}

function open(as: number, routerId: string): Uint8Array {
  const capabilities = [1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1, 65, 4, ...u32(as)]
  const parameters = [2, capabilities.length, ...capabilities]
  const body = [4, ...u16(as), ...u16(HOLD_SECONDS), ...address(routerId), parameters.length, ...parameters]
  return writeMessage(OPEN, Uint8Array.from(body))
}

/** Opens a session from an address of loopback and announces; the session lasts as long as the test. */
export async function speak(
  context: TestContext,
  from: string,
  port: number,
  as: number,
  routes: readonly Route[],
): Promise<void> {
  const socket: Socket = connect({ host: '127.0.0.1', port, localAddress: from })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(open(as, from))
  await once(socket, 'data')
  socket.resume()
  socket.write(writeMessage(KEEPALIVE, new Uint8Array(0)))
  for (const route of routes) socket.write(message(route))
  // End-of-RIB of both families (RFC 4724 section 2).
  socket.write(update({}))
  socket.write(update({ attributes: attribute(15, [...u16(2), 1]) }))
  if (socket.writableLength > 0) await once(socket, 'drain')
}
