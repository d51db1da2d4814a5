// One call of a node: a stream of messages, until it ends it or is silent for too long.
import { Metadata, type ServerDuplexStream, type ServerReadableStream, status } from '@grpc/grpc-js'
import { type Host, isProblem } from 'netally'
import type { DialOutReader } from './dial-out-readers.ts'
import type { Inbox, Node } from './inbox.ts'
import { nodeOf } from './peer.ts'

/** With or without answers. */
export type Call = ServerDuplexStream<Buffer, Buffer> | ServerReadableStream<Buffer, Buffer>

export class DialOutCall {
  readonly node: Node
  readonly peer: string
  readonly #call: Call
  readonly #reader: DialOutReader
  readonly #inbox: Inbox
  readonly #host: Host
  #heardMs = Date.now()
  messages = 0
  #isOver = false

  /** `finish` tells the node that all was taken; `gone` is called when the call is over, once. */
  constructor(
    call: Call,
    reader: DialOutReader,
    inbox: Inbox,
    host: Host,
    ends: { finish(): void; gone(ended: DialOutCall): void },
  ) {
    this.peer = call.getPeer()
    this.node = nodeOf(this.peer, undefined)
    this.#call = call
    this.#reader = reader
    this.#inbox = inbox
    this.#host = host
    inbox.mark('log_init', this.node)
    inbox.attach(call)
    const over = () => {
      if (this.#isOver) return
      this.#isOver = true
      inbox.detach(call)
      inbox.mark('log_close', this.node)
      ends.gone(this)
    }
    call.on('data', (octets: Buffer) => this.#take(octets))
    call.on('end', () => {
      ends.finish()
      over()
    })
    for (const event of ['cancelled', 'error', 'close']) call.on(event, over)
    call.sendMetadata(new Metadata())
  }

  #take(octets: Buffer): void {
    this.#heardMs = Date.now()
    this.messages++
    try {
      const said = this.#reader.read(octets)
      if (!said) return
      if (isProblem(said)) this.#inbox.note({ ...said, message: `${this.node.address}: ${said.message}` })
      else this.#inbox.log(this.node, said)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#host.count('grpc/bad-message')
      this.#inbox.note({
        code: 'grpc/bad-message',
        message: `${this.node.address}: no message of its service: ${reason}`,
      })
    }
  }

  /** Ends a call that is silent for too long. */
  upkeep(nowMs: number, silentMs: number): void {
    if (this.#isOver || this.#call.isPaused() || nowMs - this.#heardMs < silentMs) return
    this.#host.count('sessions-idle')
    this.#call.emit('error', { code: status.DEADLINE_EXCEEDED, details: 'silent for too long' })
  }
}
