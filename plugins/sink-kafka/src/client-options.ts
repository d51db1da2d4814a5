// How the brokers are reached: from flags and the settings of librdkafka's manner.
import {
  credentials,
  type Endpoint,
  type Host,
  type ParsedOptions,
  ProblemError,
  parseEndpoints,
  type TlsOptions,
  tlsOptions,
} from 'netally'
import { readSettings, type Settings } from './config-file.ts'
import { MECHANISMS } from './flags.ts'

export type Mechanism = (typeof MECHANISMS)[number]

export interface SaslOptions {
  readonly mechanism: Mechanism
  readonly username: string
  readonly password: string
}

export interface ClientOptions {
  readonly brokers: readonly Endpoint[]
  readonly clientId: string
  readonly tls: TlsOptions | undefined
  readonly sasl: SaslOptions | undefined
}

const RULES = { ports: { kafka: 9092, plaintext: 9092, ssl: 9093, kafkas: 9093 }, secure: ['ssl', 'kafkas'] }
const USUAL_BROKER = '127.0.0.1'
/** security.protocol: with TLS, with SASL. */
const PROTOCOLS: { readonly [name: string]: readonly [tls: boolean, sasl: boolean] } = {
  plaintext: [false, false],
  ssl: [true, false],
  sasl_plaintext: [false, true],
  sasl_ssl: [true, true],
}

/** A problem of a setting. */
function badSetting(name: string, value: string, hint: string): ProblemError {
  return new ProblemError({ code: 'kafka/bad-setting', message: `${name}=${value} is not possible`, hint })
}

function protocolOf(settings: Settings): readonly [boolean, boolean] {
  const name = settings.get('security.protocol')
  if (name === undefined) return [false, false]
  const protocol = PROTOCOLS[name.toLowerCase()]
  if (!protocol) throw badSetting('security.protocol', name, `it is one of ${Object.keys(PROTOCOLS).join(', ')}`)
  return protocol
}

/** The TLS flags, and the settings where there is no flag. */
function tls(parsed: ParsedOptions, settings: Settings, wanted: boolean): TlsOptions | undefined {
  const insecure = /^(false|0)$/i.test(settings.get('enable.ssl.certificate.verification') ?? '')
  const merged = {
    ...parsed,
    'tls-ca': parsed['tls-ca'] ?? settings.get('ssl.ca.location'),
    'tls-cert': parsed['tls-cert'] ?? settings.get('ssl.certificate.location'),
    'tls-key': parsed['tls-key'] ?? settings.get('ssl.key.location'),
    ...(insecure ? { 'tls-insecure': true } : {}),
  }
  return tlsOptions(merged, wanted)
}

function sasl(parsed: ParsedOptions, settings: Settings, wanted: boolean): SaslOptions | undefined {
  const known = credentials(parsed, 'NETALLY_KAFKA')
  const username = known.user ?? settings.get('sasl.username')
  const password = known.password ?? settings.get('sasl.password')
  const asked = parsed.sasl ?? settings.get('sasl.mechanism')
  if (!wanted && parsed.sasl === undefined && known.user === undefined) return undefined
  const mechanism = MECHANISMS.find(name => name === String(asked ?? 'PLAIN').toUpperCase())
  if (!mechanism) throw badSetting('sasl.mechanism', String(asked), `netally knows ${MECHANISMS.join(', ')}`)
  if (username === undefined || password === undefined) {
    throw new ProblemError({
      code: 'usage/no-credentials',
      message: `${mechanism} needs a user and a password`,
      hint: 'give --user and --password-file, or NETALLY_KAFKA_USER and NETALLY_KAFKA_PASSWORD',
    })
  }
  return { mechanism, username, password }
}

/** Options of the connection, and the settings of --config for what else they say; throws a ProblemError. */
export function clientOptions(parsed: ParsedOptions, host: Host): { client: ClientOptions; settings: Settings } {
  const path = parsed.config === undefined ? undefined : String(parsed.config)
  const settings = readSettings(path, problem => host.report(problem))
  const [wantsTls, wantsSasl] = protocolOf(settings)
  const brokers = parseEndpoints(String(parsed.brokers ?? settings.get('bootstrap.servers') ?? USUAL_BROKER), RULES)
  if (brokers.length === 0) throw badSetting('bootstrap.servers', '', 'name at least one broker')
  const isSecure = brokers.some(broker => broker.isSecure)
  return {
    settings,
    client: {
      brokers,
      clientId: String(parsed['client-id'] ?? settings.get('client.id') ?? 'netally'),
      tls: tls(parsed, settings, wantsTls || isSecure),
      sasl: sasl(parsed, settings, wantsSasl),
    },
  }
}
