// Connections to RabbitMQ, and what its errors mean.
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { PermanentError } from 'netally'
import type { ConnectionOptions } from './options.ts'

const CONNECT_MS = 10_000
/** Closing waits no longer for a broker that does not answer. */
const CLOSE_MS = 1000

/** What another attempt does not mend: a wrong password, no such virtual host, other arguments than the exchange has. */
const REFUSED =
  /ACCESS_REFUSED|ACCESS-REFUSED|NOT_ALLOWED|PRECONDITION_FAILED|Handshake terminated by server: 403|no access to/i

/** All that the library says of a broker that closes instead of opening the virtual host. */
const NOT_OPENED = /Expected ConnectionOpenOk/

export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  if (NOT_OPENED.test(text)) return 'ACCESS_REFUSED - the virtual host is not there, or not for this user'
  // A connection that nobody took has a reason for each address.
  const parts = (error as { errors?: readonly Error[] }).errors
  return parts?.map(({ message }) => message).join('; ') ?? text
}

/** Of an error while connecting. */
export function connectError(error: unknown): Error {
  const text = textOf(error)
  if (!REFUSED.test(text)) return new Error(text, { cause: error })
  return new PermanentError({
    code: 'amqp/refused',
    message: `RabbitMQ refuses: ${text}`,
    hint: 'check --user, the password (--password-file, NETALLY_AMQP_PASSWORD), the virtual host, and how exchange and queue were made',
  })
}

export async function openConnection(options: ConnectionOptions): Promise<ChannelModel> {
  const { host, port, virtualHost, user, password, tls, heartbeat, frameOctets } = options
  const connection = await connect(
    {
      protocol: tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      username: user,
      password,
      // It is unescaped there.
      vhost: encodeURIComponent(virtualHost),
      frameMax: frameOctets,
      ...(heartbeat === undefined ? {} : { heartbeat }),
    },
    { timeout: CONNECT_MS, noDelay: true, ...tls, clientProperties: { connection_name: 'netally' } },
  )
  // Errors come with what failed; without a listener they would end the process.
  connection.on('error', () => {})
  return connection
}

/** Closes, but waits not for ever. The channel first: what it has still to say would be overtaken by the end of the connection. */
export async function closeConnection(connection: ChannelModel, channel?: Channel): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_MS)
  const close = async () => {
    await channel?.close().catch(() => {})
    await connection.close().catch(() => {})
  }
  await Promise.race([close(), promise])
  clearTimeout(timer)
  const { stream } = connection.connection as unknown as { stream?: { destroy(): void } }
  stream?.destroy()
}
