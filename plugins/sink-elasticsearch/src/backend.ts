// Records to Elasticsearch and OpenSearch: bulk requests, of which only what was not taken is sent again.
import { setTimeout as pause } from 'node:timers/promises'
import { type Backend, type DeliveryBatch, type Host, PermanentError, type Rejected } from 'netally'
import { FILTER, failureText, outcomeOf, reasonOf, resultsOf } from './bulk.ts'
import { documentMaker, type Item } from './documents.ts'
import { type Answer, Client } from './http.ts'
import type { ElasticsearchOptions } from './options.ts'
import { indexTemplate } from './template.ts'

const BULK_TYPE = 'application/x-ndjson'
/** Items that a busy server put off are sent again so often before the whole batch waits. */
const MOST_ROUNDS = 5
const FIRST_PAUSE_MS = 100
const TOO_LARGE = 413
const UNAUTHORIZED = 401
const FORBIDDEN = 403
const NOT_FOUND = 404

const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300

const refused = (node: string, what: string): PermanentError =>
  new PermanentError({
    code: 'elasticsearch/refused',
    message: `${node} refuses: ${what}`,
    hint: 'check user and password (--password-file, NETALLY_ELASTICSEARCH_PASSWORD) or API key, and what they may do',
  })

class ElasticsearchBackend implements Backend {
  readonly #client: Client
  readonly #options: ElasticsearchOptions
  readonly #make: (batch: DeliveryBatch) => Item[]
  readonly #path: string
  readonly #isCreate: boolean
  readonly #host: Host

  constructor(client: Client, options: ElasticsearchOptions, host: Host) {
    const { index, pipeline, merge } = options
    this.#client = client
    this.#options = options
    this.#host = host
    this.#make = documentMaker(options)
    this.#isCreate = merge === 'keep'
    const place = index.isFixed ? `/${encodeURIComponent(index.of({}, 0))}` : ''
    const through = pipeline === undefined ? '' : `&pipeline=${encodeURIComponent(pipeline)}`
    this.#path = `${place}/_bulk?filter_path=${FILTER}${through}`
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    try {
      let items = this.#make(batch)
      for (let round = 1; items.length > 0; round++) {
        items = await this.#send(items, rejected, signal)
        if (items.length === 0) break
        if (round === MOST_ROUNDS) throw new Error(`${this.#client.node} has too much to do: ${items.length} put off`)
        this.#host.count('items_put_off', items.length)
        await pause(FIRST_PAUSE_MS * 2 ** (round - 1), undefined, { signal })
      }
    } catch (error) {
      this.#options.nodes.next()
      throw error
    }
    return rejected.sort((a, b) => a.index - b.index)
  }

  /** Sends items; gives back those that the server put off. */
  async #send(items: readonly Item[], rejected: Rejected[], signal: AbortSignal): Promise<Item[]> {
    const body = items.map(({ text }) => text).join('')
    const answer = await this.#client.send('POST', this.#path, { body, type: BULK_TYPE, signal })
    if (answer.status === TOO_LARGE) return this.#halved(items, rejected, signal, answer)
    const results = isGood(answer) ? resultsOf(answer) : undefined
    if (!results || results.length !== items.length) throw this.#failed(answer)
    const again: Item[] = []
    results.forEach((result, at) => {
      const item = items[at] as Item
      const outcome = outcomeOf(result, this.#isCreate)
      if (outcome === 'away') throw new Error(`${this.#client.node}: ${reasonOf(result)}`)
      if (outcome === 'again') again.push(item)
      if (outcome !== 'refused') return
      const reason = reasonOf(result)
      for (const index of item.indexes) rejected.push({ index, reason })
    })
    return again
  }

  /** A request above the server's `http.max_content_length`. */
  async #halved(items: readonly Item[], rejected: Rejected[], signal: AbortSignal, answer: Answer): Promise<Item[]> {
    if (items.length === 1) {
      const reason = failureText(answer)
      for (const index of items[0]?.indexes ?? []) rejected.push({ index, reason })
      return []
    }
    const middle = items.length >> 1
    const first = await this.#send(items.slice(0, middle), rejected, signal)
    return [...first, ...(await this.#send(items.slice(middle), rejected, signal))]
  }

  #failed(answer: Answer): Error {
    const text = failureText(answer)
    const { status } = answer
    if (status === UNAUTHORIZED || status === FORBIDDEN) return refused(this.#client.node, text)
    if (status === 400) {
      return new PermanentError({
        code: 'elasticsearch/bad-request',
        message: `${this.#client.node} does not take the request: ${text}`,
        hint: 'check --index or --data-stream, --pipeline, and the index template',
      })
    }
    return new Error(`${this.#client.node}: ${text}`)
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

/** Whether the node answers, and lets us in. Who may only write is not told of the cluster's health. */
async function greet(client: Client, signal: AbortSignal): Promise<void> {
  const answer = await client.send('GET', '/_cluster/health?local=true', { signal })
  if (answer.status === UNAUTHORIZED) throw refused(client.node, failureText(answer))
  if (!isGood(answer) && answer.status !== FORBIDDEN) throw new Error(`${client.node}: ${failureText(answer)}`)
}

interface Templates {
  readonly index_templates?: readonly { readonly index_template: { readonly _meta?: { readonly netally?: string } } }[]
}

/** Makes our index template, or a newer form of it; one that somebody else made stays as it is. */
async function settleTemplate(client: Client, options: ElasticsearchOptions, signal: AbortSignal): Promise<boolean> {
  if (!options.template) return false
  const { name } = options.template
  const template = indexTemplate(options.template)
  const found = await client.send('GET', `/_index_template/${name}`, { signal })
  if (found.status !== NOT_FOUND && !isGood(found)) throw templateProblem(client, name, found)
  const [known] = (found.body as Templates).index_templates ?? []
  const form = known?.index_template._meta?.netally
  const isOthers = isGood(found) && known !== undefined && form === undefined
  if (isOthers || form === (template._meta as { netally: string }).netally) return false
  const made = await client.send('PUT', `/_index_template/${name}`, { body: JSON.stringify(template), signal })
  if (!isGood(made)) throw templateProblem(client, name, made)
  return true
}

function templateProblem({ node }: Client, name: string, answer: Answer): Error {
  const text = failureText(answer)
  if (answer.status >= 500 || answer.status === 429) return new Error(`${node}: ${text}`)
  return new PermanentError({
    code: 'elasticsearch/template',
    message: `${node} does not take the index template ${name}: ${text}`,
    hint: 'let this user make index templates, or make one yourself and say --no-template',
  })
}

export async function connectElasticsearch(
  options: ElasticsearchOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Backend> {
  const { nodes, authorization, tls, isCompressed } = options
  let failure: unknown
  for (let tried = 0; tried < nodes.count; tried++) {
    const client = new Client({ url: nodes.current, authorization, tls, isCompressed })
    try {
      await greet(client, signal)
      if (await settleTemplate(client, options, signal)) host.count('templates_made')
      return new ElasticsearchBackend(client, options, host)
    } catch (error) {
      client.close()
      if (error instanceof PermanentError) throw error
      failure = error
      nodes.next()
    }
  }
  throw failure
}
