// UDP sockets, opened one after another.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { addressText, type ListenAddress } from './listen-address.ts'
import { errorCode, listenProblem } from './listen-problem.ts'
import { joinGroup, type MulticastGroup } from './multicast.ts'
import { smallBuffer } from './udp-reports.ts'

export interface UdpOptions {
  readonly listen: readonly ListenAddress[]
  /** A socket on every address takes IPv6 only. */
  readonly ipv6Only: boolean
  readonly multicast: readonly MulticastGroup[]
  /** Undefined = DEFAULT_RECEIVE_BUFFER_OCTETS, or what the kernel gives. */
  readonly receiveBufferOctets: number | undefined
}

/** Holds some 30 ms of 100,000 datagrams a second; net.core.rmem_max may allow less. */
export const DEFAULT_RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024
/** Linux reports twice what was asked for (socket(7)). */
const REPORTED_TIMES = process.platform === 'linux' ? 2 : 1

export interface UdpSocket {
  readonly socket: Socket
  /** `udp [::]:2100` */
  readonly name: string
  readonly port: number
  readonly receiveBufferOctets: number
}

async function bind(address: string, port: number, options: UdpOptions): Promise<Socket> {
  const isIpv6 = address.includes(':')
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    ipv6Only: options.ipv6Only && isIpv6,
    // Only multicast receivers share a port; else a port in use would not be noticed.
    reuseAddr: options.multicast.length > 0,
  })
  try {
    socket.bind({ port, address, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

/** Without an address on all of them, of IPv4 alone where there is no IPv6. Throws a ProblemError. */
export async function openAny<Opened>(
  where: ListenAddress,
  ipv6Only: boolean,
  open: (address: string) => Opened | Promise<Opened>,
): Promise<Opened> {
  try {
    return await open(where.address ?? '::')
  } catch (error) {
    const noIpv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errorCode(error))
    const anyAddress = where.address === undefined && !ipv6Only
    if (!noIpv6 || !anyAddress) throw listenProblem(error, 'udp', where)
  }
  try {
    return await open('0.0.0.0')
  } catch (error) {
    throw listenProblem(error, 'udp', where)
  }
}

/** What the kernel gave, in octets of its own count. */
function setReceiveBuffer(socket: Socket, octets: number): number {
  try {
    socket.setRecvBufferSize(octets)
  } catch {
    // The size stays as it is, which the next line tells.
  }
  return Math.floor(socket.getRecvBufferSize() / REPORTED_TIMES)
}

/** Opens all, joins the groups; throws a ProblemError, with everything closed again. */
export async function openUdpSockets(options: UdpOptions, report: (problem: Problem) => void): Promise<UdpSocket[]> {
  const opened: UdpSocket[] = []
  try {
    for (const where of options.listen) {
      const socket = await openAny(where, options.ipv6Only, address => bind(address, where.port, options))
      const { address, port } = socket.address()
      const wanted = options.receiveBufferOctets ?? DEFAULT_RECEIVE_BUFFER_OCTETS
      const receiveBufferOctets = setReceiveBuffer(socket, wanted)
      opened.push({ socket, port, name: `udp ${addressText(address, port)}`, receiveBufferOctets })
    }
    joinGroups(opened, options.multicast)
    const problem = smallBuffer(opened, options.receiveBufferOctets ?? DEFAULT_RECEIVE_BUFFER_OCTETS)
    if (problem) report(problem)
    return opened
  } catch (error) {
    for (const { socket } of opened) socket.close()
    throw error
  }
}

function joinGroups(sockets: readonly UdpSocket[], groups: readonly MulticastGroup[]): void {
  for (const group of groups) {
    const fitting = sockets.filter(({ socket }) => {
      const { family, address } = socket.address()
      return family === `IPv${group.family}` || (group.family === 4 && address === '::')
    })
    if (fitting.length === 0) {
      throw new ProblemError({
        code: 'usage/multicast-family',
        message: `--multicast ${group.address} needs a socket of IPv${group.family}`,
        hint: `add --listen ${group.family === 4 ? '0.0.0.0' : '[::]'}:PORT`,
      })
    }
    for (const { socket } of fitting) joinGroup(socket, group)
  }
}
