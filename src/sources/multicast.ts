// Multicast groups: GROUP or GROUP%INTERFACE, IPv4 or IPv6; the interface by name, or (IPv4) by its address.
import type { Socket } from 'node:dgram'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Problem, ProblemError } from '../contract/problem.ts'

export interface MulticastGroup {
  readonly address: string
  readonly family: 4 | 6
  readonly interface: string | undefined
}

export function parseMulticastGroup(text: string): MulticastGroup | Problem {
  const [address = '', name] = text.split('%', 2)
  const family = isIP(address)
  const first = family === 4 ? Number.parseInt(address, 10) : Number.parseInt(address.split(':')[0] || '0', 16)
  const isGroup = family === 4 ? first >= 224 && first <= 239 : family === 6 && first >> 8 === 0xff
  if (isGroup) return { address, family: family as 4 | 6, interface: name }
  return {
    code: 'usage/bad-multicast-group',
    message: `"${text}" is no multicast group`,
    hint: 'give 239.1.1.1, 239.1.1.1%eth0 or ff05::1%eth0',
  }
}

/** The interface as the system wants it: IPv4 by address, IPv6 as `::%name`. */
function systemInterface({ family, interface: name }: MulticastGroup): string | undefined {
  if (name === undefined || isIP(name) !== 0) return name
  if (family === 6) return `::%${name}`
  return networkInterfaces()[name]?.find(address => address.family === 'IPv4')?.address ?? name
}

export function joinGroup(socket: Socket, group: MulticastGroup): void {
  try {
    socket.addMembership(group.address, systemInterface(group))
  } catch (error) {
    const where = group.interface === undefined ? '' : ` on ${group.interface}`
    throw new ProblemError({
      code: 'listen/multicast',
      message: `cannot join ${group.address}${where}: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'name the interface: --multicast GROUP%INTERFACE; `ip link` shows which have MULTICAST',
    })
  }
}
