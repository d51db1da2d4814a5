// Records to Druid: a batch is a task of native batch ingestion, and has been delivered when the task has ended well.
import {
  answerText,
  type Backend,
  basicAuthorization,
  type DeliveryBatch,
  type Field,
  type Host,
  HttpClient,
  jsonText,
  PermanentError,
  type Rejected,
  recordTimeMs,
  SeenFields,
} from 'netally'
import type { DruidOptions } from './options.ts'
import { type DruidColumn, druidColumns, misfit, TIME } from './schema.ts'
import { batchTask } from './spec.ts'
import { failure, Tasks } from './tasks.ts'

/** So many tasks of one batch fail before it is given up. */
const MOST_TASKS = 5

class DruidBackend implements Backend {
  readonly #client: HttpClient
  readonly #tasks: Tasks
  readonly #options: DruidOptions
  readonly #host: Host

  constructor(client: HttpClient, options: DruidOptions, host: Host) {
    this.#client = client
    this.#tasks = new Tasks(client)
    this.#options = options
    this.#host = host
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    // The fields of this batch alone, so that the task is the same at every attempt.
    const columns = druidColumns(this.#fieldsOf(batch), this.#options.shape)
    const rows = this.#rows(batch, columns, rejected)
    if (rows.length > 0) await this.#ingest(batch.id, columns, rows.join('\n'), signal)
    return rejected
  }

  #fieldsOf({ records }: DeliveryBatch): Field[] {
    return new SeenFields().add(records)
  }

  #rows(batch: DeliveryBatch, columns: readonly DruidColumn[], rejected: Rejected[]): string[] {
    const rows: string[] = []
    batch.records.forEach((record, index) => {
      const reason = misfit(record, columns)
      if (reason !== undefined) {
        rejected.push({ index, reason })
        return
      }
      const timeMs = recordTimeMs(record) ?? Math.floor(batch.takenMs)
      rows.push(jsonText({ ...record, [TIME]: timeMs }))
    })
    return rows
  }

  /**
   * The first task of this batch that has not failed is the one that has its rows: it is waited for. Each that failed has stored
   * nothing, and is followed by another.
   */
  async #ingest(batchId: string, columns: readonly DruidColumn[], rows: string, signal: AbortSignal): Promise<void> {
    const { shape } = this.#options
    let reason = ''
    for (let attempt = 1; attempt <= MOST_TASKS; attempt++) {
      const id = `netally_${shape.datasource}_${batchId}${attempt === 1 ? '' : `_${attempt}`}`
      let status = await this.#tasks.status(id, signal)
      const isNew = status === undefined
      if (isNew) {
        await this.#tasks.give(batchTask(id, shape, columns, rows), signal)
        this.#host.count('tasks')
      }
      if (status?.state !== 'failed') status = await this.#tasks.end(id, signal)
      if (status.state === 'done') return
      reason = `${id}: ${status.reason}`
      // A pause first, by the runtime.
      if (isNew || attempt === MOST_TASKS) break
    }
    const problem = {
      code: 'druid/task-failed',
      message: `a task of Druid failed: ${reason}`,
      hint: 'see its log in the console of Druid',
    }
    if (await this.#isHopeless(batchId, signal)) throw new PermanentError(problem)
    throw new Error(problem.message)
  }

  async #isHopeless(batchId: string, signal: AbortSignal): Promise<boolean> {
    const last = `netally_${this.#options.shape.datasource}_${batchId}_${MOST_TASKS}`
    return (await this.#tasks.status(last, signal))?.state === 'failed'
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

export async function connectDruid(options: DruidOptions, host: Host, signal: AbortSignal): Promise<Backend> {
  const { endpoint, tls, user, password = '' } = options
  const headers = user === undefined ? {} : { authorization: basicAuthorization(user, password) }
  const client = new HttpClient({ host: endpoint.host, port: endpoint.port, tls, headers })
  try {
    // Through the router to who takes tasks.
    const leader = await client.ask({ path: '/druid/indexer/v1/leader', signal })
    if (leader.status === 401 || leader.status === 403) throw failure(leader)
    if (leader.status !== 200) throw new Error(`Druid has no overlord: ${answerText(leader)}`)
    return new DruidBackend(client, options, host)
  } catch (error) {
    client.close()
    throw error
  }
}
