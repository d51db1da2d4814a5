// The calls of libc that Node.js does not have, by koffi.
import { endianness } from 'node:os'
import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'

const libc = koffi.load('libc.so.6')
const socketCall = libc.func('int socket(int domain, int type, int protocol)')
const bindCall = libc.func('int bind(int fd, const uint8_t *address, unsigned int octets)')
const nameCall = libc.func('int getsockname(int fd, _Inout_ uint8_t *address, _Inout_ uint8_t *octets)')
const setOptionCall = libc.func(
  'int setsockopt(int fd, int level, int name, const uint8_t *value, unsigned int octets)',
)
const sendCall = libc.func('int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)')
const moveCall = libc.func('uintptr_t memmove(uint8_t *to, const uint8_t *from, size_t octets)')
const closeCall = libc.func('int close(int fd)')

const SOCK_CLOEXEC = 0o2000000
const isLittle = endianness() === 'LE'

/** Throws an error with a `code` as those of Node.js when a call failed. */
function checked(call: string, result: number): number {
  if (result >= 0) return result
  const code = errorName()
  throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}

export const errorName = (): string => getSystemErrorName(-koffi.errno())

/** A socket whose calls wait: a full send buffer holds the sender back. */
export const openSocket = (domain: number, type: number, protocol: number): number =>
  checked('socket', socketCall(domain, type | SOCK_CLOEXEC, protocol))

export function bindTo(fd: number, address: Uint8Array): void {
  checked('bind', bindCall(fd, address, address.length))
}

/** Fills in the address that the socket has. */
export function readName(fd: number, address: Uint8Array): void {
  checked('getsockname', nameCall(fd, address, integer(address.length)))
}

export function setOption(fd: number, level: number, name: number, value: number): void {
  checked('setsockopt', setOptionCall(fd, level, name, integer(value), 4))
}

/** How many of the messages (struct mmsghdr) went; negative: none, and errorName() says why. */
export const sendMessages = (fd: number, messages: bigint | number, count: number): number =>
  sendCall(fd, messages, count, 0)

/** Where octets are in memory. They must be kept as long as this is used: memory of typed arrays does not move. */
export const memoryOf = (octets: Uint8Array): number => Number(moveCall(octets, octets, 0))

export function closeSocket(fd: number): void {
  closeCall(fd)
}

function integer(value: number): Uint8Array {
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setInt32(0, value, isLittle)
  return octets
}
