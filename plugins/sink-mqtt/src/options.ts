// The flags of sink-mqtt, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  type Endpoint,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  type RecordName,
  recordName,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

export type Quality = 0 | 1 | 2

export interface MqttOptions {
  readonly endpoint: Endpoint
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly topic: RecordName
  readonly quality: Quality
  readonly retain: boolean
  readonly clientId: string | undefined
  readonly version: 4 | 5
}

const GROUP = { helpGroup: 'WHERE TO' }

export const ARGS = {
  broker: Args.string({ description: 'HOST[:PORT], mqtt|mqtts://[USER@]HOST[:PORT]', default: '127.0.0.1' }),
}

export const FLAGS = {
  topic: Flags.string({
    summary: 'topic of each message; $FIELD and %Y%m%d make it many',
    helpValue: 'TOPIC',
    default: 'netally',
    ...GROUP,
  }),
  qos: Flags.integer({
    summary: '0: sent; 1: acknowledged by the broker; 2: acknowledged, and stored once for each attempt',
    options: ['0', '1', '2'],
    helpValue: '0|1|2',
    default: 1,
    min: 0,
    max: 2,
    ...GROUP,
  }),
  retain: Flags.boolean({ summary: 'the broker keeps the last message of each topic for new subscribers', ...GROUP }),
  'client-id': Flags.string({ summary: 'name of this client; default: made up', helpValue: 'NAME', ...GROUP }),
  'mqtt-version': Flags.string({ summary: 'protocol version', options: ['3.1.1', '5'], default: '5', ...GROUP }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

/** A value must not bring in another level, a wildcard, or the empty letter. */
const LEVEL_LETTERS = /[A-Za-z0-9._:@=,-]/

function checkTopic(template: string): void {
  if (template !== '' && !/[#+\0]/.test(template)) return
  throw new ProblemError({
    code: 'usage/bad-topic',
    message: `"${template}" is no topic to publish on`,
    hint: 'write levels with slashes between them, without # and +: netally/$peer_ip_src',
  })
}

export function mqttOptions(parsed: ParsedOptions): MqttOptions {
  const endpoint = parseEndpoint(String(parsed.broker), { ports: { mqtt: 1883, mqtts: 8883 }, secure: ['mqtts'] })
  const template = String(parsed.topic)
  checkTopic(template)
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_MQTT')
  return {
    endpoint,
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    topic: recordName(template, { allowed: LEVEL_LETTERS }),
    quality: Number(parsed.qos) as Quality,
    retain: parsed.retain === true,
    clientId: parsed['client-id'] === undefined ? undefined : String(parsed['client-id']),
    version: parsed['mqtt-version'] === '5' ? 5 : 4,
  }
}
