// How datagrams leave: with one system call for many, where the plugin for that is installed, or one by one.

import { ProblemError } from '../../contract/problem.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { errorCode } from '../listen-problem.ts'
import type { ReceivePlugin } from './native-input.ts'
import { PlainSender } from './plain-sender.ts'

const PLUGIN = 'netally-plugin-udp-send'
/** Some 10 ms of 100,000 datagrams a second; net.core.wmem_max may allow less. */
export const SEND_BUFFER_OCTETS = 1024 * 1024

export interface SenderOptions {
  readonly family: 4 | 6
  readonly transparent: boolean
  /** Undefined = what the system takes. */
  readonly address: string | undefined
  /** 0 = any. */
  readonly port: number
  readonly sendBufferOctets: number
  readonly tos: number | undefined
}

/** The token of a datagram, its octets, and the code of the error when it was not sent. */
export type Outcome = (token: number, octets: number, error: string | undefined) => void

/** The target of a datagram that came back by ICMP (only with the plugin), and the code of why. */
export type Returned = (target: Uint8Array, code: string) => void

export interface Destination {
  readonly address: string
  readonly port: number
}

/** One socket. Octets given to `send` must stay as they are until `flush` has returned. */
export interface Sender {
  /** The port that it sends from; 0 when each datagram has its exporter's. */
  readonly port: number
  /** The form of a destination that `send` takes. */
  target(to: Destination): Uint8Array
  send(
    octets: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    to: Destination,
    from: Exporter,
    token: number,
  ): void
  /** A promise when it is too far behind. */
  flush(): void | Promise<void>
  /** Tells of what came back since the last call. */
  readReturned?(): void
  /** Resolves when nothing is under way. */
  idle?(): Promise<void>
  close(): void
}

export interface SendPlugin extends ReceivePlugin {
  readonly UdpSender: new (options: SenderOptions, outcome: Outcome, returned: Returned) => Sender
}

/** Opens senders; `plain`: the plugin is not used though it is there. */
export class Senders {
  readonly #plugin: SendPlugin | undefined

  /** Throws a ProblemError when what is wanted of datagrams (`--transparent`, `--tos`) needs the plugin and it is not there. */
  static async load(needed: string | undefined, plain: boolean): Promise<Senders> {
    if (plain && needed === undefined) return new Senders(undefined)
    try {
      return new Senders((await import(PLUGIN)) as SendPlugin)
    } catch (error) {
      if (needed === undefined) return new Senders(undefined)
      throw new ProblemError({
        code: 'tee/not-installed',
        message: `${needed} needs ${PLUGIN}, which cannot be used here: ${error instanceof Error ? error.message : error}`,
        hint: `npm install ${PLUGIN}, where netally is installed (with -g if that was); Linux only`,
      })
    }
  }

  private constructor(plugin: SendPlugin | undefined) {
    this.#plugin = plugin
  }

  /** Undefined: datagrams go, and come, one by one. */
  get plugin(): SendPlugin | undefined {
    return this.#plugin
  }

  /** Throws a ProblemError when the socket cannot be opened. */
  async open(options: SenderOptions, outcome: Outcome, returned: Returned): Promise<Sender> {
    try {
      if (this.#plugin) return new this.#plugin.UdpSender(options, outcome, returned)
      return await PlainSender.open(options, outcome)
    } catch (error) {
      const code = errorCode(error)
      if (code === '') throw error
      const from = options.transparent ? 'a raw socket' : `port ${options.port} of ${options.address ?? 'any address'}`
      throw new ProblemError({
        code: 'tee/socket',
        message: `IPv${options.family}: cannot send from ${from}: ${code}`,
        ...(code === 'EPERM' ? { hint: 'raw sockets need root, or CAP_NET_RAW (setcap cap_net_raw+ep)' } : {}),
      })
    }
  }
}
