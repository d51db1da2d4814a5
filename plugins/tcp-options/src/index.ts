// Sockets of TCP with what Node.js cannot set: MD5 signatures (RFC 2385) and TTL security (RFC 5082), on Linux. A socket
// is made here, and given to Node.js by its number before it is listened on or connected: no segment goes without.
import { isIPv4 } from 'node:net'
import { endianness } from 'node:os'
import { AF_INET, AF_INET6, type SocketEndpoint, socketAddress } from 'netally'
import { bindTo, closeSocket, openStream, setOption } from './calls.ts'

/** Who has which key. */
export interface Md5Key {
  readonly address: string
  /** Bits of the address that count: 32 or 128 for one peer. */
  readonly length: number
  /** Up to 80 octets; empty takes the key away. */
  readonly key: string
}

export interface TcpSettings {
  readonly keys: readonly Md5Key[]
  /** TTL of what is sent; undefined = the system's. */
  readonly ttl: number | undefined
  /** Segments with a lower TTL are not taken. */
  readonly leastTtl: number | undefined
}

/** Octets of a key (TCP_MD5SIG_MAXKEYLEN). */
export const MOST_KEY_OCTETS = 80

const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IP = 0
const IP_TTL = 2
const IP_MINTTL = 21
const IPPROTO_IPV6 = 41
const IPV6_UNICAST_HOPS = 16
const IPV6_V6ONLY = 26
const IPV6_MINHOPCOUNT = 73
const IPPROTO_TCP = 6
const TCP_MD5SIG_EXT = 32
/** struct tcp_md5sig (linux/tcp.h): address 128, flags 1, prefix length 1, key length 2, interface 4, key 80. */
const MD5_OCTETS = 216
const FLAGS_AT = 128
const LENGTH_AT = 129
const KEY_OCTETS_AT = 130
const KEY_AT = 136
const FLAG_PREFIX = 1
const isLittle = endianness() === 'LE'
const encoder = new TextEncoder()

/**
 * A socket that is bound to the address, for `server.listen({ fd })`. Without an address it is that of all addresses,
 * of both families unless `ipv6Only`. Errors have the codes of bind(2) and setsockopt(2).
 */
export function boundSocket(
  where: Partial<SocketEndpoint> & { port: number },
  ipv6Only: boolean,
  settings: TcpSettings,
): number {
  const family = where.address !== undefined && isIPv4(where.address) ? 4 : 6
  return made(family, fd => {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    const isBoth = where.address === undefined && !ipv6Only
    if (family === 6) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, isBoth ? 0 : 1)
    apply(fd, family, isBoth, settings)
    bindTo(fd, socketAddress(family, { address: where.address ?? '::', port: where.port }))
  })
}

/** A socket for `new Socket({ fd }).connect()` to an address. */
export function connectingSocket(address: string, settings: TcpSettings): number {
  const family = isIPv4(address) ? 4 : 6
  // A key counts for one peer: those of others are no use here.
  const keys = settings.keys.filter(key => isIPv4(key.address) === (family === 4))
  return made(family, fd => apply(fd, family, false, { ...settings, keys }))
}

/** Gives or takes keys on a socket that `boundSocket` made. Connections that are open keep theirs. */
export function setKeys(fd: number, where: Partial<SocketEndpoint>, ipv6Only: boolean, keys: readonly Md5Key[]): void {
  const family = where.address !== undefined && isIPv4(where.address) ? 4 : 6
  for (const key of keys) putKey(fd, family, where.address === undefined && !ipv6Only, key)
}

function made(family: 4 | 6, prepare: (fd: number) => void): number {
  const fd = openStream(family === 4 ? AF_INET : AF_INET6)
  try {
    prepare(fd)
    return fd
  } catch (error) {
    closeSocket(fd)
    throw error
  }
}

function apply(fd: number, family: 4 | 6, isBoth: boolean, { keys, ttl, leastTtl }: TcpSettings): void {
  for (const key of keys) putKey(fd, family, isBoth, key)
  for (const [level, hops, least] of [
    [IPPROTO_IP, IP_TTL, IP_MINTTL],
    [IPPROTO_IPV6, IPV6_UNICAST_HOPS, IPV6_MINHOPCOUNT],
  ] as const) {
    if (!(isBoth || (level === IPPROTO_IP) === (family === 4))) continue
    if (ttl !== undefined) setOption(fd, level, hops, ttl)
    if (leastTtl !== undefined) setOption(fd, level, least, leastTtl)
  }
}

/** Keys of addresses that cannot come to the socket are left out. */
function putKey(fd: number, family: 4 | 6, isBoth: boolean, { address, length, key }: Md5Key): void {
  const isOther = isIPv4(address) !== (family === 4)
  if (isOther && !(isBoth && family === 6)) return
  const value = new Uint8Array(MD5_OCTETS)
  const octets = encoder.encode(key)
  value.set(socketAddress(family, { address, port: 0 }))
  value[FLAGS_AT] = FLAG_PREFIX
  value[LENGTH_AT] = length
  new DataView(value.buffer).setUint16(KEY_OCTETS_AT, octets.length, isLittle)
  value.set(octets.subarray(0, MOST_KEY_OCTETS), KEY_AT)
  setOption(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, value)
}
