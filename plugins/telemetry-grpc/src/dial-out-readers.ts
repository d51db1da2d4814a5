// What nodes say that call us: gNMI's answers, Cisco's and Huawei's telemetry in messages of their own.
import { decodeCiscoGpb, isReadProblem, type NetRecord, type Problem, parseJson, type Value } from 'netally'
import { readHuawei } from './huawei.ts'
import { Messages } from './messages.ts'
import { NotificationReader } from './notification.ts'
import { type Payload, SYNC } from './payload.ts'

/** Reads the messages of one call. Throws for octets that are no message. */
export interface DialOutReader {
  read(octets: Uint8Array): Payload | Problem | undefined
}

/** Makes readers; `maxOctets`: of a message that comes in parts. */
export type MakeReader = (maxOctets: number) => DialOutReader

export function gnmiReader(): DialOutReader {
  const reader = new NotificationReader()
  return {
    read(octets) {
      const said = reader.read(octets)
      if (said === 'sync') return SYNC
      return said instanceof Error ? { code: 'grpc/error', message: said.message } : said
    },
  }
}

const BRACE = 0x7b

export const payloadOf = (data: Value | Problem, serialization: string): Payload | Problem =>
  isReadProblem(data) ? data : { data, serialization, protocol: 'telemetry' }

interface MdtDialoutArgs {
  readonly data: Uint8Array
  readonly errors: string
  /** Of a message that comes in parts; 0 = it is whole. */
  readonly totalSize: number
}

/** Cisco: telemetry.proto, or JSON. */
class CiscoReader implements DialOutReader {
  readonly #args = new Messages('cisco').type<MdtDialoutArgs>('MdtDialoutArgs')
  readonly #maxOctets: number
  #parts: Uint8Array[] = []
  #octets = 0

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  read(octets: Uint8Array): Payload | Problem | undefined {
    const { data, errors, totalSize } = this.#args.decode(octets)
    if (errors !== '') return { code: 'grpc/error', message: `the node says: ${errors}` }
    if (data.length === 0) return undefined
    const whole = totalSize > 0 ? this.#collect(data, totalSize) : data
    return whole && ('code' in whole ? whole : telemetryOf(whole))
  }

  #collect(data: Uint8Array, size: number): Uint8Array | Problem | undefined {
    if (size > this.#maxOctets) {
      return { code: 'grpc/too-long', message: `a message of ${size} octets was left out`, hint: 'raise --max-message' }
    }
    this.#parts.push(data)
    this.#octets += data.length
    if (this.#octets < size) return undefined
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    this.#octets = 0
    return whole
  }
}

const telemetryOf = (octets: Uint8Array): Payload | Problem =>
  octets[0] === BRACE ? payloadOf(parseJson(octets), 'json') : payloadOf(decodeCiscoGpb(octets), 'gpb')

export const ciscoReader: MakeReader = maxOctets => new CiscoReader(maxOctets)

interface ServiceArgs {
  readonly MessageData?: 'data' | 'data_json'
  readonly data: Uint8Array
  readonly data_json: string
  readonly errors: string
}

export function huaweiReader(): DialOutReader {
  const messages = new Messages('huawei')
  const args = messages.type<ServiceArgs>('serviceArgs')
  const telemetry = messages.type<NetRecord>('Telemetry')
  return {
    read(octets) {
      const { MessageData, data, data_json, errors } = args.decode(octets)
      if (errors !== '') return { code: 'grpc/error', message: `the node says: ${errors}` }
      if (MessageData === 'data_json') return payloadOf(readHuawei(parseJson(Buffer.from(data_json))), 'json')
      return data.length > 0 ? payloadOf(readHuawei(telemetry.decode(data) as unknown as Value), 'gpb') : undefined
    },
  }
}
