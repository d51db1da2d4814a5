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
const optionCall = libc.func(
  'int getsockopt(int fd, int level, int name, _Inout_ uint8_t *value, _Inout_ uint8_t *octets)',
)
const sendCall = libc.func('int sendmmsg(int fd, uintptr_t messages, unsigned int count, int flags)')
const receiveCall = libc.func(
  'int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, uintptr_t timeout)',
)
const pollCall = libc.func('int poll(uintptr_t descriptors, unsigned long count, int timeoutMs)')
const moveCall = libc.func('uintptr_t memmove(uint8_t *to, const uint8_t *from, size_t octets)')
const closeCall = libc.func('int close(int fd)')

const SOCK_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_ERRQUEUE = 0x2000
export const isLittle = endianness() === 'LE'

/** Throws an error with a `code` as those of Node.js when a call failed. */
function checked(call: string, result: number): number {
  if (result >= 0) return result
  const code = errorName()
  throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}

export const nameOfError = (errno: number): string => getSystemErrorName(-errno)
export const errorName = (): string => nameOfError(koffi.errno())

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

export function option(fd: number, level: number, name: number): number {
  const value = integer(0)
  checked('getsockopt', optionCall(fd, level, name, value, integer(4)))
  return new DataView(value.buffer).getInt32(0, isLittle)
}

/** How many of the messages (struct mmsghdr) went; negative: none, and errorName() says why. */
export const sendMessages = (fd: number, messages: number, count: number): number => sendCall(fd, messages, count, 0)

/** How many messages (struct mmsghdr) were filled with what waits; negative: none. */
export const receiveMessages = (fd: number, messages: number, count: number): number =>
  receiveCall(fd, messages, count, MSG_DONTWAIT, 0)

/** The same of the queue of errors: datagrams that came back (ip(7), IP_RECVERR). */
export const receiveErrors = (fd: number, messages: number, count: number): number =>
  receiveCall(fd, messages, count, MSG_DONTWAIT | MSG_ERRQUEUE, 0)

/** Resolves when one of the descriptors (struct pollfd) has something, or after so long. Their memory must be kept until then. */
export const pollDescriptors = (descriptors: number, count: number, timeoutMs: number): Promise<void> =>
  new Promise(resolve => pollCall.async(descriptors, count, timeoutMs, () => resolve()))

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
