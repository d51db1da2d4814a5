// A node's connection.
import type { Socket } from 'node:net'
import type { Exporter } from '../../wire/flow/options.ts'
import type { NodeSession } from '../../wire/telemetry/decoder.ts'
import { HeldSocket } from '../held-socket.ts'
import { addressText } from '../listen-address.ts'
import { exporterAddress } from '../socket-peers.ts'

const NOTHING = new Uint8Array(0)

export class TelemetrySession extends HeldSocket {
  readonly peer: Exporter
  /** `[2001:db8::1]:4739` */
  readonly name: string
  /** Made when the first octets came. */
  state: NodeSession | undefined

  constructor(socket: Socket) {
    super(socket)
    this.peer = { ...exporterAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 }
    this.name = addressText(this.peer.address, this.peer.port)
  }

  /** What the socket gave since the last call. */
  take(): Uint8Array {
    const { chunk } = this
    this.chunk = NOTHING
    return chunk
  }
}
