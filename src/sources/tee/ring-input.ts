// Datagrams of the receiving thread, by its ring.
import type { Host } from '../../contract/host.ts'
import type { RingReader } from '../datagram-ring.ts'
import { Turns } from '../turns.ts'
import { UdpReceiver } from '../udp-receiver.ts'
import type { UdpOptions } from '../udp-sockets.ts'
import type { TeeInput } from './input.ts'

export class RingInput implements TeeInput {
  readonly datagrams: RingReader
  readonly #udp: UdpReceiver
  readonly #turns: Turns

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: UdpOptions, host: Host): Promise<RingInput> {
    const turns = new Turns()
    const udp = await UdpReceiver.open(options, turns, host)
    host.watch(() => udp.readings())
    return new RingInput(udp, turns)
  }

  private constructor(udp: UdpReceiver, turns: Turns) {
    this.#udp = udp
    this.#turns = turns
    this.datagrams = udp.reader
  }

  get ended(): boolean {
    return this.#udp.ended
  }

  done(isFull: boolean): boolean {
    const { reader } = this.#udp
    if (isFull) {
      reader.release()
      return true
    }
    if (reader.sleep()) return false
    reader.wake()
    return true
  }

  wait(): Promise<void> {
    return this.#turns.wait()
  }

  ring(): void {
    this.#turns.ring()
  }

  keepUp(): void {
    this.#turns.setClock()
    this.#udp.count()
    this.#udp.tell()
  }

  drain(): void {
    this.#udp.drain()
  }

  async close(): Promise<void> {
    this.#udp.count()
    await this.#udp.close()
  }
}
