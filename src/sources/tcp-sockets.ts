// Sockets with MD5 signatures (RFC 2385) and TTL security (RFC 5082). Node.js cannot set these, so that a plugin does,
// which is loaded only when they are asked for.
import { Socket } from 'node:net'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import { replaced } from '../maps/grammar.ts'
import { type Md5Key, type Md5Keys, readMd5Keys } from '../maps/md5-keys.ts'
import type { ListenAddress } from './listen-address.ts'
import { errorCode } from './listen-problem.ts'

const PLUGIN = 'netally-plugin-tcp-options'
const LARGEST_TTL = 255

interface TcpSettings {
  readonly keys: readonly Md5Key[]
  readonly ttl: number | undefined
  readonly leastTtl: number | undefined
}

/** What the plugin exports. Sockets are file descriptors. */
interface TcpOptionsPlugin {
  boundSocket(where: ListenAddress, ipv6Only: boolean, settings: TcpSettings): number
  connectingSocket(address: string, settings: TcpSettings): number
  setKeys(fd: number, where: ListenAddress, ipv6Only: boolean, keys: readonly Md5Key[]): void
}

export interface TcpSocketOptions {
  readonly md5: Md5Keys | undefined
  /** Hops that a peer is away at most; undefined = TTLs are not looked at. */
  readonly ttlHops: number | undefined
}

interface Bound {
  readonly fd: number
  readonly where: ListenAddress
  readonly ipv6Only: boolean
}

export class TcpSockets {
  readonly #plugin: TcpOptionsPlugin
  readonly #bound: Bound[] = []
  readonly #ttlHops: number | undefined
  #md5: Md5Keys | undefined

  /** Undefined when nothing of this is asked for. Throws a ProblemError when the plugin is not there. */
  static async open(options: TcpSocketOptions): Promise<TcpSockets | undefined> {
    if (options.md5 === undefined && options.ttlHops === undefined) return undefined
    return new TcpSockets(await loadPlugin(), options)
  }

  private constructor(plugin: TcpOptionsPlugin, { md5, ttlHops }: TcpSocketOptions) {
    this.#plugin = plugin
    this.#md5 = md5
    this.#ttlHops = ttlHops
  }

  /** A socket to listen on; its errors have the codes of Node.js. */
  bound(where: ListenAddress, ipv6Only: boolean): number {
    try {
      return this.#bind(where, ipv6Only)
    } catch (error) {
      // All addresses of a machine without IPv6.
      if (where.address !== undefined || ipv6Only || errorCode(error) !== 'EAFNOSUPPORT') throw error
      return this.#bind({ ...where, address: '0.0.0.0' }, ipv6Only)
    }
  }

  /** A socket that is to be connected in this turn. */
  connecting(address: string): Socket {
    const fd = this.#plugin.connectingSocket(address, this.#settings())
    return new Socket({ fd, readable: true, writable: true })
  }

  /** Reads the keys again: for sessions to come. Those that are there keep theirs. */
  async reload(host: Host): Promise<void> {
    const before = this.#md5
    if (!before) return
    const now = replaced(before, await readMd5Keys(before.file), problem => host.report(problem))
    if (now === before) return
    this.#md5 = now
    const changes = now.changesFrom(before)
    for (const { fd, where, ipv6Only } of this.#bound) this.#plugin.setKeys(fd, where, ipv6Only, changes)
    host.count('maps/reloaded')
  }

  #bind(where: ListenAddress, ipv6Only: boolean): number {
    const fd = this.#plugin.boundSocket(where, ipv6Only, this.#settings())
    this.#bound.push({ fd, where, ipv6Only })
    return fd
  }

  #settings(): TcpSettings {
    const hops = this.#ttlHops
    return {
      keys: this.#md5?.keys ?? [],
      ttl: hops === undefined ? undefined : LARGEST_TTL,
      leastTtl: hops === undefined ? undefined : LARGEST_TTL + 1 - hops,
    }
  }
}

async function loadPlugin(): Promise<TcpOptionsPlugin> {
  try {
    return (await import(PLUGIN)) as TcpOptionsPlugin
  } catch (error) {
    const isMissing = errorCode(error) === 'ERR_MODULE_NOT_FOUND'
    throw new ProblemError({
      code: isMissing ? 'tcp-options/not-installed' : 'tcp-options/not-usable',
      message: isMissing
        ? `--md5-file and --ttl-security need ${PLUGIN}, which is not installed`
        : `--md5-file and --ttl-security need ${PLUGIN}, which cannot be used here: ${error instanceof Error ? error.message : error}`,
      hint: 'npm install netally-plugin-tcp-options, where netally is installed (with -g if that was); Linux only',
    })
  }
}
