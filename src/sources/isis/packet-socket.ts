// Frames of an interface. Node.js has no packet sockets, so that a plugin does, which is loaded only for this.
import { ProblemError } from '../../contract/problem.ts'
import { errorCode } from '../listen-problem.ts'
import type { NetworkInterface } from './interface.ts'

const PLUGIN = 'netally-plugin-packet-socket'

export interface PacketSocket {
  /** The next frame that came, into `octets`: its length, -1 when none waits. */
  receive(octets: Uint8Array): number
  send(frame: Uint8Array): number
  close(): void
}

/** What the plugin exports. */
interface PacketSocketPlugin {
  readonly PacketSocket: new (options: { interfaceIndex: number; groups: readonly Uint8Array[] }) => PacketSocket
}

export type OpenPacketSocket = (at: NetworkInterface, groups: readonly Uint8Array[]) => PacketSocket

/** Throws a ProblemError when the plugin is not there. */
export async function packetSockets(): Promise<OpenPacketSocket> {
  const plugin = await loadPlugin()
  return ({ name, index }, groups) => {
    try {
      return new plugin.PacketSocket({ interfaceIndex: index, groups })
    } catch (error) {
      throw new ProblemError({
        code: 'isis/no-socket',
        message: `interface ${name} cannot be opened: ${errorCode(error) ?? String(error)}`,
        hint: 'start it as root (and give --user), or with CAP_NET_RAW',
      })
    }
  }
}

async function loadPlugin(): Promise<PacketSocketPlugin> {
  try {
    return (await import(PLUGIN)) as PacketSocketPlugin
  } catch (error) {
    const isMissing = errorCode(error) === 'ERR_MODULE_NOT_FOUND'
    throw new ProblemError({
      code: isMissing ? 'packet-socket/not-installed' : 'packet-socket/not-usable',
      message: isMissing
        ? `isis-recv --interface needs ${PLUGIN}, which is not installed`
        : `isis-recv --interface needs ${PLUGIN}, which cannot be used here: ${error instanceof Error ? error.message : error}`,
      hint: 'npm install netally-plugin-packet-socket, where netally is installed (with -g if that was); Linux only',
    })
  }
}
