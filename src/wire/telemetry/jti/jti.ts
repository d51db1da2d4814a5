// Juniper's JTI over UDP: a datagram is a TelemetryStream (telemetry_top.proto), whose sensor is an extension of an extension.
import type { Problem } from '../../../contract/problem.ts'
import type { Value } from '../../../contract/record.ts'
import { ProtobufError, ProtobufReader, WireType } from '../protobuf.ts'
import { SENSORS } from './messages.ts'
import { type Members, readMessage, unknownValue } from './schema.ts'

/** Fields of TelemetryStream. */
const SYSTEM_ID = 1
const IETF = 100
const ENTERPRISE = 101
const HEADER: { readonly [field: number]: readonly [name: string, read: (reader: ProtobufReader) => Value] } = {
  1: ['system_id', reader => reader.text],
  2: ['component_id', reader => reader.whole],
  3: ['sub_component_id', reader => reader.whole],
  4: ['sensor_name', reader => reader.text],
  5: ['sequence_number', reader => reader.whole],
  6: ['timestamp', reader => reader.whole],
  7: ['version_major', reader => reader.whole],
  8: ['version_minor', reader => reader.whole],
  9: ['eom', reader => Number(reader.whole) !== 0],
}
/** Juniper's number among enterprises. */
const JUNIPER = 2636
const FIRST_OCTET = SYSTEM_ID * 8 + WireType.octets

/** What was met that has no name here. */
export type JtiEvent = 'unknown-sensor' | 'unknown-field'

/** Whether octets start..end are fields of a TelemetryStream that has data of a sensor. */
export function looksLikeJti(octets: Uint8Array, start: number, end: number): boolean {
  if (octets[start] !== FIRST_OCTET) return false
  const reader = new ProtobufReader(octets, start, end)
  let hasSensor = false
  try {
    while (reader.next()) {
      if (reader.field === IETF || reader.field === ENTERPRISE) hasSensor = reader.wireType === WireType.octets
      else if (!(reader.field in HEADER)) return false
    }
  } catch {
    return false
  }
  return hasSensor
}

/** A TelemetryStream, or a Problem `telemetry/jti`. */
export function decodeJti(octets: Uint8Array, tell: (event: JtiEvent) => void): Members | Problem {
  try {
    return stream(new ProtobufReader(octets), tell)
  } catch (error) {
    if (error instanceof ProtobufError)
      return { code: 'telemetry/jti', message: `no TelemetryStream: ${error.message}` }
    throw error
  }
}

function stream(reader: ProtobufReader, tell: (event: JtiEvent) => void): Members {
  const members: Members = {}
  while (reader.next()) {
    const known = HEADER[reader.field]
    if (known) members[known[0]] = known[1](reader)
    else if (reader.field === ENTERPRISE) members.enterprise = enterprise(reader.message, tell)
    else {
      members[reader.field === IETF ? 'ietf' : reader.field] = unknownValue(reader)
      tell('unknown-field')
    }
  }
  return members
}

function enterprise(reader: ProtobufReader, tell: (event: JtiEvent) => void): Members {
  const members: Members = {}
  while (reader.next()) {
    if (reader.field === JUNIPER) members.juniperNetworks = sensors(reader.message, tell)
    else {
      members[reader.field] = unknownValue(reader)
      tell('unknown-sensor')
    }
  }
  return members
}

function sensors(reader: ProtobufReader, tell: (event: JtiEvent) => void): Members {
  const members: Members = {}
  while (reader.next()) {
    const sensor = SENSORS[reader.field]
    if (sensor) members[sensor[0]] = readMessage(sensor[1], reader.message, () => tell('unknown-field'))
    else {
      members[reader.field] = unknownValue(reader)
      tell('unknown-sensor')
    }
  }
  return members
}

/** What the sequence numbers of a TelemetryStream count: messages of a sensor of a part of a node. */
export function jtiSource({ system_id, component_id, sub_component_id, sensor_name }: Members): string {
  return `${system_id} ${component_id ?? ''} ${sub_component_id ?? ''} ${sensor_name ?? ''}`
}
