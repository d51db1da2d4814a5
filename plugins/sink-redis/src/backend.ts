// Records to Redis: one transaction a batch, which leaves a mark, so that a batch that comes again is not stored again.
import { type Backend, type DeliveryBatch, PermanentError, type Rejected } from 'netally'
import { createClient, MultiErrorReply, type RedisClientType } from 'redis'
import type { RedisOptions, Target } from './options.ts'

const CONNECT_MS = 10_000
const MARK = 'netally:batch:'

/** Errors of the server that another attempt does not mend. */
const FATAL = /^(WRONGPASS|NOAUTH|NOPERM|ERR DB index|ERR invalid DB|ERR Client sent AUTH)/

type Client = RedisClientType
type Words = readonly (string | Uint8Array)[]

/** The command that stores one line. */
function storing(target: Target, keep: number): (key: string, line: string) => Words[] {
  switch (target) {
    case 'stream': {
      const most = keep > 0 ? ['MAXLEN', '~', String(keep)] : []
      return (key, line) => [['XADD', key, ...most, '*', 'json', line]]
    }
    case 'list':
      return (key, line) => [['RPUSH', key, line]]
    case 'channel':
      return (key, line) => [['PUBLISH', key, line]]
  }
}

function permanent(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error)
  if (!FATAL.test(text)) return error
  return new PermanentError({
    code: 'redis/refused',
    message: `Redis refuses: ${text}`,
    hint: 'check user, password (--password-file, NETALLY_REDIS_PASSWORD) and database',
  })
}

/**
 * Commands of a transaction that failed, as records: the first commands are one a record. A transaction of Redis goes on after
 * such a command and is not undone, so that the others, and the mark, are there.
 */
function rejectedOf(error: unknown, count: number): Rejected[] {
  if (!(error instanceof MultiErrorReply)) throw error
  const rejected = error.errorIndexes
    .filter(index => index < count)
    .map(index => ({ index, reason: String((error.replies[index] as Error).message) }))
  if (rejected.length === 0) throw error
  return rejected
}

class RedisBackend implements Backend {
  readonly #client: Client
  readonly #options: RedisOptions
  readonly #store: (key: string, line: string) => Words[]

  constructor(client: Client, options: RedisOptions) {
    this.#client = client
    this.#options = options
    this.#store = storing(options.target, options.keep)
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { rememberMs } = this.#options
    const mark = `${MARK}${batch.id}`
    const rejected: Rejected[] = []
    try {
      if (rememberMs > 0 && (await this.#client.get(mark)) !== null) return []
      const transaction = this.#client.multi()
      const add = (words: Words) => transaction.addCommand(words as string[])
      for (const words of this.#commands(batch)) add(words)
      if (rememberMs > 0) add(['SET', mark, String(batch.count), 'PX', String(rememberMs)])
      await transaction.exec().catch(error => rejected.push(...rejectedOf(error, batch.count)))
      return rejected
    } catch (error) {
      throw permanent(error)
    }
  }

  *#commands(batch: DeliveryBatch): Iterable<Words> {
    const { key, target, keep } = this.#options
    const { lines } = batch
    const keys = new Set<string>()
    for (let index = 0; index < lines.length; index++) {
      const name = key.isFixed ? key.of({}, 0) : key.of(batch.records[index] ?? {}, batch.takenMs)
      keys.add(name)
      yield* this.#store(name, lines[index] as string)
    }
    if (target === 'list' && keep > 0) for (const name of keys) yield ['LTRIM', name, String(-keep), '-1']
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }
}

export async function connectRedis(options: RedisOptions): Promise<Backend> {
  const { endpoint, database, user, password, tls } = options
  const client: Client = createClient({
    socket: {
      host: endpoint.host,
      port: endpoint.port,
      connectTimeout: CONNECT_MS,
      // The runtime connects anew, with its own pauses.
      reconnectStrategy: false,
      ...(tls ? { tls: true as const, ...tls } : {}),
    },
    ...(database > 0 ? { database } : {}),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    disableOfflineQueue: true,
  }) as Client
  // Errors come with the commands that failed; without a listener they would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } catch (error) {
    if (client.isOpen) client.destroy()
    throw permanent(error)
  }
  return new RedisBackend(client, options)
}
