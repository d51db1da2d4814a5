// The calls of libc that Node.js does not have, by koffi.
import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'

const libc = koffi.load('libc.so.6')
const socketCall = libc.func('int socket(int domain, int type, int protocol)')
const bindCall = libc.func('int bind(int fd, const uint8_t *address, unsigned int octets)')
const setOptionCall = libc.func(
  'int setsockopt(int fd, int level, int name, const uint8_t *value, unsigned int octets)',
)
const receiveCall = libc.func('long recv(int fd, _Inout_ uint8_t *octets, size_t length, int flags)')
const sendCall = libc.func('long send(int fd, const uint8_t *octets, size_t length, int flags)')
const closeCall = libc.func('int close(int fd)')

const SOCK_RAW = 3
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
/** Nothing is there, or nothing can go, now. */
const LATER: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR', 'ENOBUFS'])

/** Throws an error with a `code` as those of Node.js when a call failed; -1 where it may be tried later. */
function checked(call: string, result: number): number {
  if (result >= 0) return result
  const code = getSystemErrorName(-koffi.errno())
  if (LATER.has(code)) return -1
  throw Object.assign(new Error(`${call} ${code}`), { code, syscall: call })
}

export const openPackets = (domain: number, protocol: number): number =>
  checked('socket', socketCall(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol))

export function bindTo(fd: number, address: Uint8Array): void {
  checked('bind', bindCall(fd, address, address.length))
}

export function setOption(fd: number, level: number, name: number, value: Uint8Array): void {
  checked('setsockopt', setOptionCall(fd, level, name, value, value.length))
}

/** Octets of the next frame; -1 when there is none. */
export const receive = (fd: number, octets: Uint8Array): number =>
  checked('recv', Number(receiveCall(fd, octets, octets.length, 0)))

export const send = (fd: number, octets: Uint8Array): number =>
  checked('send', Number(sendCall(fd, octets, octets.length, 0)))

export function closeSocket(fd: number): void {
  closeCall(fd)
}
