// Tasks of Druid's overlord: given once, waited for, and told apart by ids that we choose.
import { setTimeout as pause } from 'node:timers/promises'
import { answerText, type HttpAnswer, type HttpClient, PermanentError } from 'netally'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2000
const NOT_FOUND = 404
const JSON_TYPE = { 'content-type': 'application/json' }

export type TaskState = 'running' | 'done' | 'failed'

export interface TaskStatus {
  readonly state: TaskState
  /** Why it failed. */
  readonly reason: string
}

interface StatusAnswer {
  readonly status?: { readonly statusCode?: string; readonly status?: string; readonly errorMsg?: string | null }
}

const STATES: { readonly [code: string]: TaskState } = { SUCCESS: 'done', FAILED: 'failed' }

/** What an answer that is no success means. */
export function failure(answer: HttpAnswer): Error {
  const text = answerText(answer)
  if (answer.status === 401 || answer.status === 403) {
    return new PermanentError({
      code: 'druid/refused',
      message: `Druid refuses: ${text}`,
      hint: 'check --user, the password (--password-file, NETALLY_DRUID_PASSWORD) and what the account may write',
    })
  }
  if (answer.status === 400) {
    return new PermanentError({
      code: 'druid/bad-task',
      message: `Druid does not take the task: ${text}`,
      hint: 'check --datasource, --by and --metrics; the same spec can be tried in the console',
    })
  }
  return new Error(`Druid: ${text}`)
}

export class Tasks {
  readonly #client: HttpClient

  constructor(client: HttpClient) {
    this.#client = client
  }

  /** Undefined when there is no such task. */
  async status(id: string, signal: AbortSignal): Promise<TaskStatus | undefined> {
    const answer = await this.#client.ask({ path: `/druid/indexer/v1/task/${id}/status`, signal })
    if (answer.status === NOT_FOUND) return undefined
    if (answer.status !== 200) throw failure(answer)
    const { status } = JSON.parse(answer.text) as StatusAnswer
    if (!status) return undefined
    const state = STATES[String(status.statusCode ?? status.status)] ?? 'running'
    return { state, reason: status.errorMsg ?? 'it says no reason; see its log in the console' }
  }

  /** Gives a task; one of its id that is there already is that same one, given before. */
  async give(task: object, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(task)
    const answer = await this.#client.ask({ path: '/druid/indexer/v1/task', headers: JSON_TYPE, body, signal })
    if (answer.status === 200) return
    if (answer.status === 400 && /already exists/i.test(answer.text)) return
    throw failure(answer)
  }

  /** Waits for the end of a task. */
  async end(id: string, signal: AbortSignal): Promise<TaskStatus> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
      const status = await this.status(id, signal)
      if (!status) throw new Error(`Druid has forgotten task ${id}`)
      if (status.state !== 'running') return status
      await pause(pauseMs, undefined, { signal })
    }
  }
}
