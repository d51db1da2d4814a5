// Where to listen: `2055`, `192.0.2.1:2055`, `[2001:db8::1]:2055`, `*:2055`.
import { isIP } from 'node:net'
import type { Problem } from '../contract/problem.ts'

export interface ListenAddress {
  /** IPv4 or IPv6; undefined = every address of the machine. */
  readonly address: string | undefined
  /** 0 = any free one. */
  readonly port: number
}

const LARGEST_PORT = 65_535

export function parseListenAddress(text: string): ListenAddress | Problem {
  const match = /^(?:(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):)?(?<port>\d{1,5})$/.exec(text)
  const { six, four, port } = match?.groups ?? {}
  const address = six ?? (four === '*' ? undefined : four)
  const family = six === undefined ? 4 : 6
  const isAddress = address === undefined || isIP(address) === family
  if (port !== undefined && Number(port) <= LARGEST_PORT && isAddress) return { address, port: Number(port) }
  return {
    code: 'usage/bad-address',
    message: `"${text}" is no address to listen on`,
    hint: 'give PORT, ADDRESS:PORT, [IPV6]:PORT or *:PORT',
  }
}

/** `[2001:db8::1]:2055` */
export function addressText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
