// What the kernel threw away because a socket's receive buffer was full: the last column of /proc/net/udp and udp6.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const TABLES = ['/proc/net/udp', '/proc/net/udp6'] as const
const LOCAL_ADDRESS_COLUMN = 1
const INODE_COLUMN = 9
const DROPS_COLUMN = 12

export interface KernelSocket {
  readonly inode: string
  readonly port: number
  readonly drops: number
}

/** The rows of a table as the kernel writes it. */
export function parseUdpTable(text: string): KernelSocket[] {
  const sockets: KernelSocket[] = []
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    const inode = columns[INODE_COLUMN]
    const port = Number.parseInt(columns[LOCAL_ADDRESS_COLUMN]?.split(':')[1] ?? '', 16)
    if (inode !== undefined && columns.length > DROPS_COLUMN) {
      sockets.push({ inode, port, drops: Number(columns[DROPS_COLUMN]) })
    }
  }
  return sockets
}

function kernelSockets(): KernelSocket[] {
  return TABLES.flatMap(table => {
    try {
      return parseUdpTable(readFileSync(table, 'utf8'))
    } catch {
      return [] // no such table: another system, or no IPv6
    }
  })
}

/** Inodes of the sockets of this process. */
function ownInodes(): Set<string> {
  const inodes = new Set<string>()
  try {
    for (const descriptor of readdirSync('/proc/self/fd')) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(descriptor))?.[1]
      if (inode) inodes.add(inode)
    }
  } catch {
    // No /proc: then nothing is known of drops.
  }
  return inodes
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return '' // closed meanwhile: readdir's own
  }
}

export class KernelDrops {
  /** By inode. */
  readonly #watched = new Map<string, { readonly name: string; drops: number }>()

  /** Watches the socket of this process that was just bound to `port`; false where the kernel does not tell. */
  watch(name: string, port: number): boolean {
    const own = ownInodes()
    const found = kernelSockets().find(
      socket => socket.port === port && own.has(socket.inode) && !this.#watched.has(socket.inode),
    )
    if (found) this.#watched.set(found.inode, { name, drops: 0 })
    return found !== undefined
  }

  /** Datagrams dropped since the last call, all sockets. */
  read(): number {
    if (this.#watched.size === 0) return 0
    let more = 0
    for (const { inode, drops } of kernelSockets()) {
      const socket = this.#watched.get(inode)
      if (!socket) continue
      more += drops - socket.drops
      socket.drops = drops
    }
    return more
  }

  /** Drops so far, by socket. */
  *[Symbol.iterator](): Iterator<{ readonly name: string; readonly drops: number }> {
    yield* this.#watched.values()
  }
}
