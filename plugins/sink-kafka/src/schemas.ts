// A schema registry, as Confluent's and Karapace speak: schemas by subject and by number.
import { PermanentError } from 'netally'
import type { RegistryOptions } from './options.ts'

const ANSWER_MS = 10_000
const MEDIA_TYPE = 'application/json'

function headers({ user, password }: RegistryOptions): { [name: string]: string } {
  const login = user === undefined ? {} : { authorization: `Basic ${btoa(`${user}:${password ?? ''}`)}` }
  return { accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE, ...login }
}

export class Registry {
  readonly #options: RegistryOptions

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const { url } = this.#options
    const response = await fetch(`${url}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: headers(this.#options),
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(error => {
      throw new Error(`schema registry ${url}: ${(error as Error).cause ?? (error as Error).message}`)
    })
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    const message = `schema registry ${url}: ${response.status} ${text.slice(0, 300)}`
    // What the client did wrong stays wrong; what the server has may pass.
    if (response.status >= 500 || response.status === 408 || response.status === 429) throw new Error(message)
    throw new PermanentError({
      code: 'kafka/registry',
      message,
      hint: 'see what the registry has of the subject, and its rules of compatibility',
    })
  }

  /** The number of a schema; the registry takes it in if it does not have it. */
  async register(subject: string, schema: unknown): Promise<number> {
    const answer = await this.#ask(`subjects/${encodeURIComponent(subject)}/versions`, {
      schema: JSON.stringify(schema),
    })
    return Number((answer as { id: unknown }).id)
  }

  async schema(id: number): Promise<unknown> {
    const answer = (await this.#ask(`schemas/ids/${id}`)) as { schema: string; schemaType?: string }
    if (answer.schemaType !== undefined && answer.schemaType !== 'AVRO') {
      throw new PermanentError({ code: 'kafka/registry', message: `schema ${id} is ${answer.schemaType}, not Avro` })
    }
    return JSON.parse(answer.schema)
  }
}
