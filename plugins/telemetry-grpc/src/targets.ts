// Whom to ask: addresses of the command line and of a file, each with what is its own.
import { type Credentials, credentials, type ParsedOptions, ProblemError, parseEndpoint } from 'netally'
import { fileLines } from './subscription.ts'

export interface Target {
  /** As records have it: what the user calls it, else the address as it was written. */
  readonly name: string
  /** As gRPC takes it: `HOST:PORT`, `[IPV6]:PORT`. */
  readonly address: string
  readonly credentials: Credentials
  /** Name that the certificate must have. */
  readonly serverName: string | undefined
}

/** Port of gNMI (IANA: gnmi-gnoi). */
const USUAL_PORT = 9339
const MOST_TARGETS = 10_000
const SETTINGS: ReadonlySet<string> = new Set(['name', 'server-name', 'user', 'password-file'])

function targetOf(place: string, words: readonly string[], parsed: ParsedOptions): Target {
  const [address = '', ...settings] = words
  const own: { [name: string]: string } = {}
  for (const setting of settings) {
    const [name = '', value = ''] = setting.split(/=(.*)/s)
    if (!SETTINGS.has(name) || value === '') {
      throw new ProblemError({
        code: 'usage/bad-target-setting',
        message: `${place}: "${setting}" is no setting of a target`,
        hint: 'name=NAME, server-name=NAME, user=NAME, password-file=FILE',
      })
    }
    own[name] = value
  }
  const { host, port } = parseEndpoint(address, { ports: { grpc: USUAL_PORT } })
  const { name = address, 'server-name': serverName, ...login } = own
  return {
    name,
    address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    credentials: credentials({ ...parsed, ...login }, 'NETALLY_GNMI'),
    serverName: serverName ?? (parsed['tls-server-name'] === undefined ? undefined : String(parsed['tls-server-name'])),
  }
}

/** Targets by name. Throws a ProblemError. */
export function targetsOf(
  addresses: readonly string[],
  file: string | undefined,
  parsed: ParsedOptions,
): ReadonlyMap<string, Target> {
  const ofFile = file === undefined ? [] : fileLines('targets', file)
  const all = [
    ...addresses.map(address => targetOf(address, [address], parsed)),
    ...ofFile.map(({ number, words }) => targetOf(`${file} line ${number}`, words, parsed)),
  ]
  if (all.length > MOST_TARGETS) {
    throw new ProblemError({
      code: 'usage/too-many-targets',
      message: `${all.length} targets are more than ${MOST_TARGETS}`,
      hint: 'share them between several processes',
    })
  }
  const targets = new Map<string, Target>()
  for (const target of all) {
    if (targets.has(target.name)) {
      throw new ProblemError({ code: 'usage/same-target', message: `${target.name} is there twice`, hint: 'name=NAME' })
    }
    targets.set(target.name, target)
  }
  if (targets.size > 0 || file !== undefined) return targets
  throw new ProblemError({
    code: 'usage/no-target',
    message: 'there is nobody to ask',
    hint: 'name targets as arguments, HOST[:PORT], or in a file with --targets',
  })
}
