// The calls of libc that Node.js does not have, by koffi.
import { endianness } from 'node:os'
import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'

const libc = koffi.load('libc.so.6')
const socketCall = libc.func('int socket(int domain, int type, int protocol)')
const bindCall = libc.func('int bind(int fd, const uint8_t *address, unsigned int octets)')
const setOptionCall = libc.func(
  'int setsockopt(int fd, int level, int name, const uint8_t *value, unsigned int octets)',
)
const closeCall = libc.func('int close(int fd)')

const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const isLittle = endianness() === 'LE'

/** Throws an error with a `code` as those of Node.js when a call failed. */
function checked(call: string, result: number): number {
  if (result >= 0) return result
  const code = getSystemErrorName(-koffi.errno())
  throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}

export const openStream = (domain: number): number =>
  checked('socket', socketCall(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))

export function bindTo(fd: number, address: Uint8Array): void {
  checked('bind', bindCall(fd, address, address.length))
}

export function setOption(fd: number, level: number, name: number, value: Uint8Array | number): void {
  const octets = typeof value === 'number' ? integer(value) : value
  checked('setsockopt', setOptionCall(fd, level, name, octets, octets.length))
}

export function closeSocket(fd: number): void {
  closeCall(fd)
}

function integer(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setInt32(0, value, isLittle)
  return octets
}
