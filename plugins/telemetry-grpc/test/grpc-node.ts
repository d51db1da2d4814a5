// A node that calls a collector.

import type { TestContext } from 'node:test'
import { ChannelCredentials, Client, type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js'

const CONNECT_MS = 30_000
const same = (octets: Buffer): Buffer => octets

export interface NodeTls {
  readonly ca: Buffer
  readonly key?: Buffer
  readonly cert?: Buffer
}

export class GrpcNode {
  readonly #client: Client
  readonly #call: ClientDuplexStream<Buffer, Buffer>
  /** The status of the call when it is over. */
  readonly ended: Promise<number>

  /** Waits until the collector answers, or the time is over. */
  static async call(context: TestContext, port: number, path: string, tls?: NodeTls): Promise<GrpcNode> {
    const credentials = tls
      ? ChannelCredentials.createSsl(tls.ca, tls.key ?? null, tls.cert ?? null)
      : ChannelCredentials.createInsecure()
    const client = new Client(`127.0.0.1:${port}`, credentials, { 'grpc.use_local_subchannel_pool': 1 })
    context.after(() => client.close())
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + CONNECT_MS, error => (error ? reject(error) : resolve()))
    })
    return new GrpcNode(client, path)
  }

  private constructor(client: Client, path: string) {
    this.#client = client
    this.#call = client.makeBidiStreamRequest(path, same, same)
    this.ended = new Promise(resolve => {
      this.#call.on('error', (error: ServiceError) => resolve(error.code))
      this.#call.on('end', () => resolve(status.OK))
    })
    this.#call.on('data', () => {})
  }

  send(...messages: readonly Buffer[]): void {
    for (const message of messages) this.#call.write(message)
  }

  end(): Promise<number> {
    this.#call.end()
    return this.ended
  }

  /** Leaves the connection. */
  close(): void {
    this.#client.close()
  }
}
