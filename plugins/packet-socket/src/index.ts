// Frames of one interface with LLC headers (ISO 8802-2), in and out: a packet socket (packet(7)), on Linux.
import { endianness } from 'node:os'
import { bindTo, closeSocket, openPackets, receive, send, setOption } from './calls.ts'

const AF_PACKET = 17
/** Frames that have a length in place of an EtherType, those that come in. */
const ETH_P_802_2 = 4
const SOL_SOCKET = 1
const SO_RCVBUFFORCE = 33
const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_MR_MULTICAST = 0
const MAC_OCTETS = 6
/** struct sockaddr_ll: family 2, protocol 2, interface 4, hardware type 2, packet type 1, address length 1, address 8. */
const ADDRESS_OCTETS = 20
/** struct packet_mreq: interface 4, type 2, address length 2, address 8. */
const MEMBERSHIP_OCTETS = 16
/** A database of thousands of LSPs comes at once. */
const RECEIVE_BUFFER_OCTETS = 8 * 1024 * 1024
const isLittle = endianness() === 'LE'

export interface PacketSocketOptions {
  /** The system's number of the interface. */
  readonly interfaceIndex: number
  /** MAC addresses of groups whose frames are wanted. */
  readonly groups: readonly Uint8Array[]
}

export class PacketSocket {
  readonly #fd: number

  /** Throws an error with the code of the call that failed: EPERM without CAP_NET_RAW. */
  constructor({ interfaceIndex, groups }: PacketSocketOptions) {
    // The protocol is in network order, in an int of the machine's.
    this.#fd = openPackets(AF_PACKET, isLittle ? ETH_P_802_2 << 8 : ETH_P_802_2)
    try {
      bindTo(this.#fd, address(interfaceIndex))
      this.#enlarge()
      for (const group of groups)
        setOption(this.#fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership(interfaceIndex, group))
    } catch (error) {
      closeSocket(this.#fd)
      throw error
    }
  }

  /** Without CAP_NET_ADMIN the buffer stays as it is. */
  #enlarge(): void {
    const octets = new Uint8Array(4)
    new DataView(octets.buffer).setInt32(0, RECEIVE_BUFFER_OCTETS, isLittle)
    try {
      setOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, octets)
    } catch {}
  }

  /** The next frame that came, into `octets`: its length, -1 when none waits. Throws where the interface went down. */
  receive(octets: Uint8Array): number {
    return receive(this.#fd, octets)
  }

  /** Sends a whole frame, from its destination on; -1 when the system has no room now. */
  send(frame: Uint8Array): number {
    return send(this.#fd, frame)
  }

  close(): void {
    closeSocket(this.#fd)
  }
}

function address(interfaceIndex: number): Uint8Array {
  const octets = new Uint8Array(ADDRESS_OCTETS)
  const view = new DataView(octets.buffer)
  view.setUint16(0, AF_PACKET, isLittle)
  view.setUint16(2, ETH_P_802_2)
  view.setInt32(4, interfaceIndex, isLittle)
  return octets
}

function membership(interfaceIndex: number, group: Uint8Array): Uint8Array {
  const octets = new Uint8Array(MEMBERSHIP_OCTETS)
  const view = new DataView(octets.buffer)
  view.setInt32(0, interfaceIndex, isLittle)
  view.setUint16(4, PACKET_MR_MULTICAST, isLittle)
  view.setUint16(6, MAC_OCTETS, isLittle)
  octets.set(group, 8)
  return octets
}
