// A sink: how to connect, and how to write a batch. Batches, retries, the spool and the counters come with deliveryCommand.
import { Args, deliveryCommand, PermanentError, ProblemError } from 'netally'

const REFUSED = new Set([400, 404, 405, 413, 422])

function address(text: string): URL {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url
  throw new ProblemError({
    code: 'usage/bad-url',
    message: `"${text}" is no address of a web server`,
    hint: 'write http://HOST:PORT/PATH',
  })
}

export const sinkHttp = deliveryCommand<{ url: URL }>({
  summary: 'post records to a web server, as NDJSON',
  description: 'The header Idempotency-Key is the same when a batch is sent again.',
  examples: ['netally hello-recv | netally sink-http http://127.0.0.1:8080/records'],
  args: { url: Args.string({ description: 'where to post to', required: true }) },
  flags: {},
  prepare: parsed => ({ url: address(String(parsed.url)) }),
  // It sends text: batches are kept as text.
  form: 'octets',
  async connect({ url }) {
    return {
      async write(batch, signal) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': batch.id },
          body: batch.octets as Uint8Array<ArrayBuffer>,
          signal,
        })
        await response.arrayBuffer()
        if (response.ok) return []
        // Another attempt does not mend these; all other answers are tried again.
        if (REFUSED.has(response.status)) {
          throw new PermanentError({ code: 'http/refused', message: `${url} answers ${response.status}` })
        }
        throw new Error(`${url} answers ${response.status}`)
      },
      async close() {},
    }
  },
})
