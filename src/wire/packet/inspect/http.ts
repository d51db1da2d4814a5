// Requests of HTTP/1 (RFC 9112): the method and the host.
import type { NetRecord } from '../../../contract/record.ts'
import type { PayloadReader } from './octet-reader.ts'

const METHOD = /^(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) [^\r\n]* HTTP\/1\.[01]\r\n/
const HOST = /\r\nhost:[ \t]*([^\r\n]{1,255}?)[ \t]*\r\n/i
/** Headers further on are not looked for. */
const HEAD_OCTETS = 8192

export function inspectHttp(reader: PayloadReader): NetRecord | undefined {
  const head = reader.text(Math.min(HEAD_OCTETS, reader.end - reader.at))
  const [, method] = METHOD.exec(head) ?? []
  if (method === undefined) return undefined
  const [, host] = HOST.exec(head) ?? []
  return { http_method: method, ...(host === undefined ? {} : { http_host: host }) }
}
