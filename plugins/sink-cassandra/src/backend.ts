// Records to Cassandra: prepared inserts in unlogged batches of one partition each, many of them under way.
import cassandra, { type Client, type ClientOptions } from 'cassandra-driver'
import {
  type Backend,
  type DeliveryBatch,
  type Field,
  type Host,
  PermanentError,
  type Rejected,
  SeenFields,
} from 'netally'
import { quoted } from './column.ts'
import type { CassandraOptions, ConsistencyName } from './options.ts'
import { type Chunk, RowMaker } from './rows.ts'
import { Table } from './table.ts'

const { auth, errors, policies, types } = cassandra

const CONNECT_MS = 10_000
const READ_MS = 20_000
/** Batches of Cassandra at a time; each is of one partition. */
const UNDER_WAY = 32

const CONSISTENCY: { readonly [name in ConsistencyName]: number } = {
  any: types.consistencies.any,
  one: types.consistencies.one,
  two: types.consistencies.two,
  three: types.consistencies.three,
  quorum: types.consistencies.quorum,
  all: types.consistencies.all,
  'local-quorum': types.consistencies.localQuorum,
  'each-quorum': types.consistencies.eachQuorum,
  'local-one': types.consistencies.localOne,
}

/** The table is not what it was when we looked: the next connection looks again. */
const CHANGED = /unconfigured table|does not exist|Undefined column|Unknown identifier/i

const codeOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? (error.code as number) : undefined

function permanent(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error)
  const isLogin =
    error instanceof errors.AuthenticationError || codeOf(error) === types.responseErrorCodes.badCredentials
  if (isLogin || codeOf(error) === types.responseErrorCodes.unauthorized) {
    return new PermanentError({
      code: 'cassandra/refused',
      message: `Cassandra refuses: ${text}`,
      hint: 'check user, password (--password-file, NETALLY_CASSANDRA_PASSWORD) and what they may do',
    })
  }
  return error
}

/** What stopped the client from finding any node: the first of its reasons says more than its message. */
function innerOf(error: unknown): unknown {
  if (!(error instanceof errors.NoHostAvailableError)) return error
  const reasons = Object.values(error.innerErrors ?? {})
  return reasons.find(reason => reason instanceof errors.AuthenticationError) ?? reasons[0] ?? error
}

/** How records become rows, and the statement that takes those; of the same columns. */
interface Plan {
  readonly statement: string
  readonly maker: RowMaker
}

class CassandraBackend implements Backend {
  readonly #client: Client
  readonly #options: CassandraOptions
  readonly #table: Table
  readonly #seen = new SeenFields()
  #plan: Plan | undefined
  /** Changes of the table, one after the other: batches that are under way together may bring the same new field. */
  #settled: Promise<unknown> = Promise.resolve()

  constructor(client: Client, options: CassandraOptions, table: Table) {
    this.#client = client
    this.#options = options
    this.#table = table
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    try {
      const { maker, statement } = await this.#planFor(batch)
      await this.#sendAll(maker.chunks(batch, rejected), statement, rejected)
    } catch (error) {
      throw permanent(innerOf(error))
    }
    return rejected.sort((a, b) => a.index - b.index)
  }

  /** Columns for what is new in this batch, or in one that came just before. */
  async #planFor({ records }: DeliveryBatch): Promise<Plan> {
    const fields = this.#seen.add(records)
    if (fields.length > 0) this.#settled = this.#settled.then(() => this.#settle(fields))
    await this.#settled
    return this.#plan ?? this.#settle(fields)
  }

  async #settle(fields: readonly Field[]): Promise<Plan> {
    await this.#table.settle(fields)
    const { columns } = this.#table
    const { keyspace, table, ttlSeconds } = this.#options
    const names = [...RowMaker.names(this.#options), ...columns.map(({ name }) => quoted(name))]
    const ttl = ttlSeconds > 0 ? ` USING TTL ${ttlSeconds}` : ''
    const values = names.map(() => '?').join(', ')
    this.#plan = {
      statement: `INSERT INTO ${keyspace}.${table} (${names.join(', ')}) VALUES (${values})${ttl}`,
      maker: new RowMaker(this.#options, columns),
    }
    return this.#plan
  }

  async #sendAll(chunks: readonly Chunk[], statement: string, rejected: Rejected[]): Promise<void> {
    let next = 0
    let failure: { error: unknown } | undefined
    const work = async () => {
      while (!failure && next < chunks.length) {
        const chunk = chunks[next++] as Chunk
        await this.#send(chunk, statement, rejected).catch(error => {
          failure ??= { error }
        })
      }
    }
    await Promise.all(Array.from({ length: Math.min(UNDER_WAY, chunks.length) }, work))
    if (failure) throw (failure as { error: unknown }).error
  }

  async #send(chunk: Chunk, query: string, rejected: Rejected[]): Promise<void> {
    const consistency = CONSISTENCY[this.#options.consistency]
    try {
      if (chunk.length === 1) {
        const values = [...(chunk[0]?.values ?? [])]
        await this.#client.execute(query, values, { prepare: true, consistency, isIdempotent: true })
        return
      }
      const queries = chunk.map(({ values }) => ({ query, params: [...values] }))
      await this.#client.batch(queries, { prepare: true, logged: false, consistency, isIdempotent: true })
    } catch (error) {
      await this.#mend(chunk, query, error, rejected)
    }
  }

  /** A chunk that is too large, or has a row that cannot be stored, is halved until it is that row alone. */
  async #mend(chunk: Chunk, query: string, error: unknown, rejected: Rejected[]): Promise<void> {
    const isOfValues = error instanceof TypeError || codeOf(error) === types.responseErrorCodes.invalid
    const message = error instanceof Error ? error.message : String(error)
    if (!isOfValues || CHANGED.test(message)) throw error
    if (chunk.length === 1) {
      rejected.push({ index: chunk[0]?.index ?? 0, reason: message })
      return
    }
    const middle = chunk.length >> 1
    await this.#send(chunk.slice(0, middle), query, rejected)
    await this.#send(chunk.slice(middle), query, rejected)
  }

  close(): Promise<void> {
    return this.#client.shutdown()
  }
}

function clientOptions(options: CassandraOptions): ClientOptions {
  const { servers, user, password, tls, datacenter } = options
  const { loadBalancing, retry } = policies
  const balance =
    datacenter === undefined
      ? new loadBalancing.RoundRobinPolicy()
      : new loadBalancing.DCAwareRoundRobinPolicy(datacenter)
  return {
    contactPoints: [...servers],
    ...(datacenter === undefined ? {} : { localDataCenter: datacenter }),
    ...(user === undefined ? {} : { authProvider: new auth.PlainTextAuthProvider(user, password ?? '') }),
    ...(tls ? { sslOptions: { ...tls } } : {}),
    socketOptions: { connectTimeout: CONNECT_MS, readTimeout: READ_MS },
    // A value that is absent is not written: no tombstones.
    encoding: { useUndefinedAsUnset: true },
    policies: {
      loadBalancing: new loadBalancing.TokenAwarePolicy(balance),
      // The runtime sends again, with its own pauses.
      retry: new retry.FallthroughRetryPolicy(),
    },
    isMetadataSyncEnabled: true,
  }
}

export async function connectCassandra(options: CassandraOptions, host: Host): Promise<Backend> {
  const client = new cassandra.Client(clientOptions(options))
  try {
    await client.connect()
    const table = new Table(client, options, host)
    await table.open()
    return new CassandraBackend(client, options, table)
  } catch (error) {
    await client.shutdown().catch(() => {})
    throw permanent(innerOf(error))
  }
}
