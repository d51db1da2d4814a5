// What Junos had before gNMI: OpenConfigTelemetry (agent.proto), as a service like gNMI's. Its answers become updates with paths.
import { type Credentials, ProblemError, type Value } from 'netally'
import type { Login, SubscribeService } from './gnmi-service.ts'
import { Messages, type MessageType } from './messages.ts'
import type { Said } from './notification.ts'
import { base64, type Long, real, shortReal, whole } from './numbers.ts'
import { pathText } from './paths.ts'
import type { Subscription, SubscriptionList } from './subscription.ts'

interface KeyValue {
  readonly key: string
  readonly value?: string
  readonly [member: string]: unknown
}

interface OpenConfigData {
  readonly system_id: string
  readonly component_id: number
  readonly sub_component_id: number
  readonly path: string
  readonly sequence_number: Long
  readonly timestamp: Long
  readonly kv: readonly KeyValue[]
  readonly delete: readonly { readonly path: string }[]
  readonly sync_response: boolean
}

const CLIENT_ID = 'netally'
const PREFIX = '__prefix__'
const HEADER = /^__.*__$/

type Read = (value: never) => Value

const READERS: { readonly [member: string]: Read } = {
  double_value: real,
  float_value: shortReal,
  int_value: whole,
  uint_value: whole,
  sint_value: whole,
  bytes_value: base64,
}

function ofMember({ value: member = '', ...members }: KeyValue): Value {
  const read = READERS[member]
  return read ? read(members[member] as never) : ((members[member] ?? null) as Value)
}

const PREDICATE = /\[((?:[^\]'"]|'[^']*'|"[^"]*")*)\]/g
const COMPARISON = /([^\s=]+)\s*=\s*(?:'([^']*)'|"([^"]*)"|(\S+))/g

/** `[name='ge-0/0/0' and unit='0']` as gNMI has it: `[name=ge-0/0/0][unit=0]`. */
export function plainPath(text: string): string {
  return text.replace(PREDICATE, (_, inside: string) =>
    [...inside.matchAll(COMPARISON)]
      .map(([, name, single, double, bare]) => {
        const value = (single ?? double ?? bare ?? '').replace(/[\]\\]/g, '\\$&')
        return `[${name}=${value}]`
      })
      .join(''),
  )
}

/** Keys of a message are below the prefix that was said last. */
function updatesOf(kv: readonly KeyValue[]): { updates: Value[]; headers: { [name: string]: Value } } {
  const updates: Value[] = []
  const headers: { [name: string]: Value } = {}
  let prefix = ''
  for (const one of kv) {
    if (one.key === PREFIX) prefix = plainPath(String(ofMember(one))).replace(/\/$/, '')
    else if (HEADER.test(one.key)) headers[one.key.replace(/^__|__$/g, '')] = ofMember(one)
    else {
      const key = plainPath(one.key)
      updates.push({ path: key.startsWith('/') ? key : `${prefix}/${key}`, value: ofMember(one) })
    }
  }
  return { updates, headers }
}

function payloadOf(said: OpenConfigData): Said {
  const { system_id, component_id, sub_component_id, path, sequence_number, timestamp, kv } = said
  if (kv.length === 0 && said.delete.length === 0) return said.sync_response ? 'sync' : undefined
  const { updates, headers } = updatesOf(kv)
  const deletes = said.delete.map(one => plainPath(one.path))
  const data = {
    ...{ system_id, component_id, sub_component_id, path },
    ...{ sequence_number: whole(sequence_number), timestamp: whole(timestamp) },
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(updates.length > 0 ? { updates } : {}),
    ...(deletes.length > 0 ? { deletes } : {}),
  }
  return { data, serialization: 'gpb', protocol: 'juniper' }
}

function pathOf({ path, sampling, intervalMs, heartbeatMs, suppressRedundant }: Subscription): object {
  const { origin, elem } = path
  return {
    path: pathText({ origin: '', target: '', element: [], elem }) || '/',
    sample_frequency: sampling === 'on-change' ? 0 : intervalMs,
    ...(origin === undefined ? {} : { origin }),
    ...(sampling === 'target-defined' ? { target_defined: true } : {}),
    ...(suppressRedundant ? { suppress_unchanged: true } : {}),
    ...(heartbeatMs > 0 ? { max_silent_interval: heartbeatMs } : {}),
  }
}

/** Junos wants to know who it is before it is asked for anything. */
function loginOf(messages: Messages): SubscribeService['login'] {
  const request = messages.type('LoginRequest')
  const reply: MessageType<{ readonly result: boolean }> = messages.type('LoginReply')
  return ({ user, password }: Credentials): Login | undefined =>
    user === undefined
      ? undefined
      : {
          path: '/authentication.Login/LoginCheck',
          request: request.encode({ user_name: user, password: password ?? '', client_id: CLIENT_ID }),
          accepts: octets => reply.decode(octets).result,
        }
}

/** Throws a ProblemError for what Junos' own service has not. */
export function juniperService({ mode, subscriptions }: SubscriptionList): SubscribeService {
  if (mode !== 'stream') {
    throw new ProblemError({
      code: 'usage/juniper-mode',
      message: `--service juniper has no --mode ${mode}`,
      hint: 'leave it out, or use gNMI, which newer Junos has',
    })
  }
  const messages = new Messages('juniper')
  const data = messages.type<OpenConfigData>('OpenConfigData')
  return {
    path: '/telemetry.OpenConfigTelemetry/telemetrySubscribe',
    request: messages.type('SubscriptionRequest').encode({ path_list: subscriptions.map(pathOf) }),
    poll: undefined,
    asksOnce: true,
    login: loginOf(messages),
    read: octets => payloadOf(data.decode(octets)),
  }
}
