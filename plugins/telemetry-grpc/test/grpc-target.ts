// A target that is told what to say, and remembers what it was asked.

import type { TestContext } from 'node:test'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'

export const GNMI = '/gnmi.gNMI/Subscribe'
export const JUNIPER = '/telemetry.OpenConfigTelemetry/telemetrySubscribe'
export const LOGIN = '/authentication.Login/LoginCheck'

type Stream = ServerDuplexStream<Buffer, Buffer>
const same = (octets: Buffer): Buffer => octets

/** One call: its requests so far, and what it is answered with. */
export class TargetCall {
  readonly requests: Buffer[] = []
  readonly metadata: Metadata
  readonly #stream: Stream
  isOver = false

  constructor(stream: Stream, onRequest: (call: TargetCall) => void) {
    this.#stream = stream
    this.metadata = stream.metadata
    stream.on('data', (octets: Buffer) => {
      this.requests.push(octets)
      onRequest(this)
    })
    for (const event of ['cancelled', 'error', 'close'])
      stream.on(event, () => {
        this.isOver = true
      })
  }

  say(...messages: readonly Buffer[]): void {
    for (const message of messages) this.#stream.write(message)
  }

  end(code = status.OK, details = ''): void {
    if (code === status.OK) this.#stream.end()
    else this.#stream.emit('error', { code, details })
  }
}

export class GrpcTarget {
  readonly calls: TargetCall[] = []
  readonly logins: Buffer[] = []
  /** The octets of LoginReply; undefined = there is no such service. */
  loginReply: Buffer | undefined
  /** What each request is answered with. */
  answer: (call: TargetCall) => void = () => {}
  port = 0

  static async start(context: TestContext): Promise<GrpcTarget> {
    const made = new GrpcTarget()
    const server = new Server()
    const plain = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    }
    const called = (stream: Stream) => made.calls.push(new TargetCall(stream, call => made.answer(call)))
    for (const path of [GNMI, JUNIPER]) {
      server.addService({ call: { path, requestStream: true, responseStream: true, ...plain } }, { call: called })
    }
    const login = ({ request }: { request: Buffer }, answer: sendUnaryData<Buffer>) => {
      made.logins.push(request)
      const { loginReply } = made
      if (loginReply) answer(null, loginReply)
      else answer({ code: status.UNIMPLEMENTED, details: '' } as ServiceError)
    }
    server.addService({ login: { path: LOGIN, requestStream: false, responseStream: false, ...plain } }, { login })
    made.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      )
    })
    context.after(() => server.forceShutdown())
    return made
  }
}
