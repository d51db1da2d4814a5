// Why a socket could not be opened, and what to do about it.
import { type Problem, ProblemError } from '../contract/problem.ts'
import { addressText, type ListenAddress } from './listen-address.ts'

interface Advice {
  readonly code: string
  readonly reason: string
  readonly hint: string
}

const ADVICE: { readonly [errorCode: string]: Advice } = {
  EADDRINUSE: {
    code: 'port-in-use',
    reason: 'another program listens there',
    hint: '`ss -lnptu` shows which; stop it or choose another port',
  },
  EADDRNOTAVAIL: {
    code: 'not-our-address',
    reason: 'this machine does not have the address',
    hint: '`ip address` shows which it has; leave the address out to listen on all',
  },
  EACCES: {
    code: 'privileged-port',
    reason: 'this user may not listen there',
    hint: 'choose a port above 1023, or run with CAP_NET_BIND_SERVICE',
  },
  EAFNOSUPPORT: {
    code: 'no-ipv6',
    reason: 'the kernel has no IPv6',
    hint: 'listen on an IPv4 address, such as 0.0.0.0:PORT',
  },
  EINVAL: {
    code: 'bad-address',
    reason: 'the kernel does not take this address',
    hint: 'a link-local address needs its interface: [fe80::1%eth0]:PORT',
  },
}

export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** `listen/port-in-use`, `listen/not-our-address`, `listen/privileged-port`, `listen/no-ipv6`, `listen/failed`. */
export function listenProblem(error: unknown, transport: string, where: ListenAddress): ProblemError {
  const place = `${transport} ${addressText(where.address ?? '*', where.port)}`
  const advice = ADVICE[errorCode(error)]
  const problem: Problem = advice
    ? { code: `listen/${advice.code}`, message: `cannot listen on ${place}: ${advice.reason}`, hint: advice.hint }
    : { code: 'listen/failed', message: `cannot listen on ${place}: ${error instanceof Error ? error.message : error}` }
  return new ProblemError(problem)
}
