// Where a server is: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, `SCHEME://HOST:PORT/PATH?QUERY`.
import { type Problem, ProblemError } from '../contract/problem.ts'
import { words } from './parsed.ts'

export interface EndpointRules {
  /** Default port of each scheme; the first is meant when the text has none. */
  readonly ports: { readonly [scheme: string]: number }
  /** Schemes that mean TLS. */
  readonly secure?: readonly string[]
}

export interface Endpoint {
  readonly scheme: string
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** What stands after the host, without its first slash; decoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly isSecure: boolean
  /** `scheme://host:port`, without path and secrets: for messages. */
  readonly text: string
}

const bad = (text: string, schemes: readonly string[], why: string): ProblemError =>
  new ProblemError({
    code: 'usage/bad-endpoint',
    message: `"${text}" is no address of a server: ${why}`,
    hint: `write HOST, HOST:PORT, [IPV6]:PORT or ${schemes.map(scheme => `${scheme}://`).join(' or ')}HOST:PORT`,
  })

const PASSWORD_SEEN: Problem = {
  code: 'usage/password-in-argument',
  message: 'a password in an argument is seen by everyone on this machine',
  hint: 'put it into a file and name that with --password-file, or into the environment',
}

/** One server; throws a ProblemError. A user name may stand before the host (`user@`), a password may not. */
export function parseEndpoint(text: string, { ports, secure = [] }: EndpointRules): Endpoint & { user?: string } {
  const schemes = Object.keys(ports)
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
  const [first = ''] = schemes
  let url: URL
  try {
    // The parser of special schemes checks hosts; the scheme itself is put back.
    url = new URL(hasScheme ? text.replace(/^[^:]+/, 'http') : `http://${text}`)
  } catch {
    throw bad(text, schemes, 'it cannot be read')
  }
  const scheme = hasScheme ? (text.split(':', 1)[0] as string).toLowerCase() : first
  if (!Object.hasOwn(ports, scheme)) throw bad(text, schemes, `${scheme}:// is not known here`)
  if (url.password !== '') throw new ProblemError(PASSWORD_SEEN)
  // http's own default port is not kept by the parser.
  const [authority = ''] = text.replace(/^[a-z0-9+.-]+:\/\//i, '').split(/[/?#]/, 1)
  const saidPort = /:(\d+)$/.exec(authority)?.[1]
  const port = saidPort === undefined ? (ports[scheme] as number) : Number(saidPort)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    scheme,
    host,
    port,
    path: decodeURIComponent(url.pathname.replace(/^\//, '')),
    query: url.searchParams,
    isSecure: secure.includes(scheme),
    text: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
  }
}

/** Several servers of one cluster, with commas between them. */
export function parseEndpoints(text: string, rules: EndpointRules): Endpoint[] {
  return words(text).map(part => parseEndpoint(part, rules))
}
