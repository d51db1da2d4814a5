// Writes telemetry messages for tests.

export interface UdpNotifParts {
  readonly version?: number
  /** Media type, or encoding of version 0. */
  readonly type?: number
  readonly isPrivate?: boolean
  readonly publisher?: number
  readonly message?: number
  readonly segment?: readonly [number: number, isLast: boolean]
  /** Further options, as they are. */
  readonly options?: Uint8Array
}

/** A message of UDP-notif, or a segment of one. */
export function udpNotif(payload: string | Uint8Array, parts: UdpNotifParts = {}): Buffer {
  const {
    version = 1,
    type = 1,
    isPrivate = false,
    publisher = 7,
    message = 0,
    segment,
    options = new Uint8Array(0),
  } = parts
  const segmentation = Buffer.alloc(segment ? 4 : 0)
  if (segment) {
    segmentation[0] = 1
    segmentation[1] = 4
    segmentation.writeUInt16BE((segment[0] << 1) | Number(segment[1]), 2)
  }
  const header = Buffer.alloc(12)
  const body = Buffer.from(payload)
  header[0] = (version << 5) | (Number(isPrivate) << 4) | type
  header[1] = 12 + segmentation.length + options.length
  header.writeUInt16BE(header[1] + body.length, 2)
  header.writeUInt32BE(publisher, 4)
  header.writeUInt32BE(message, 8)
  return Buffer.concat([header, segmentation, options, body])
}

/** A message in segments of so many octets of payload. */
export function udpNotifSegments(payload: string | Uint8Array, octets: number, parts: UdpNotifParts = {}): Buffer[] {
  const body = Buffer.from(payload)
  const count = Math.ceil(body.length / octets)
  return Array.from({ length: count }, (_, number) =>
    udpNotif(body.subarray(number * octets, (number + 1) * octets), {
      ...parts,
      segment: [number, number === count - 1],
    }),
  )
}

/** A field of a Protocol Buffers message. */
export type GpbField = readonly [field: number, value: GpbValue]
export type GpbValue =
  | bigint
  | string
  | Uint8Array
  | readonly GpbField[]
  | { readonly double: number }
  | { readonly float: number }

function varint(value: bigint): Buffer {
  const octets: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...octets, Number(rest)])
}

/** A message of Protocol Buffers: whole numbers as bigint, messages as lists of fields. */
export function gpb(...fields: readonly GpbField[]): Buffer {
  return Buffer.concat(fields.map(([field, value]) => gpbField(field, value)))
}

function gpbField(field: number, value: GpbValue): Buffer {
  const tag = (wireType: number) => varint(BigInt(field * 8 + wireType))
  if (typeof value === 'bigint') return Buffer.concat([tag(0), varint(value)])
  if (typeof value === 'object' && 'double' in value) {
    const octets = Buffer.alloc(8)
    octets.writeDoubleLE(value.double)
    return Buffer.concat([tag(1), octets])
  }
  if (typeof value === 'object' && 'float' in value) {
    const octets = Buffer.alloc(4)
    octets.writeFloatLE(value.float)
    return Buffer.concat([tag(5), octets])
  }
  const isMessage = Array.isArray(value)
  const octets = isMessage ? gpb(...(value as GpbField[])) : Buffer.from(value as string | Uint8Array)
  return Buffer.concat([tag(2), varint(BigInt(octets.length)), octets])
}

/** A field of Cisco's telemetry.proto: a name, and a value or fields. */
export const kv = (name: string, ...fields: readonly GpbField[]): GpbField => [15, [[2, name], ...fields]]

/** A message with Cisco's header of version 1. */
export function cisco(encapsulation: 'gpb' | 'json', payload: string | Uint8Array, type = 1): Buffer {
  const header = Buffer.alloc(12)
  const body = Buffer.from(payload)
  header.writeUInt16BE(type, 0)
  header.writeUInt16BE(encapsulation === 'gpb' ? 1 : 2, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt32BE(body.length, 8)
  return Buffer.concat([header, body])
}

/** Interface counters as IOS XR sends them. */
export const CISCO_COUNTERS: Buffer = gpb(
  [1, 'xr1'],
  [3, 'sub1'],
  [6, 'Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces/interface/latest/generic-counters'],
  [8, 77n],
  [10, 1_767_225_600_000n],
  [
    11,
    [
      [1, 1_767_225_599_900n],
      kv('keys', kv('interface-name', [5, 'HundredGigE0/0/0/1'])),
      kv(
        'content',
        kv('bytes-received', [8, 2n ** 63n]),
        kv('carrier-transitions', [7, 3n]),
        kv('offset', [10, 5n]),
        kv('is-up', [6, 1n]),
        kv('load', [11, { double: 0.25 }]),
        kv('temperature', [12, { float: 1.5 }]),
        kv('mac', [4, Buffer.from([1, 2])]),
        kv('lane', kv('id', [7, 0n])),
        kv('lane', kv('id', [7, 1n])),
      ),
    ],
  ],
)

/** A datagram of Juniper's JTI: data of a sensor, by its number among JuniperNetworksSensors. */
export function jti(sensor: number, data: GpbValue, sequence = 0, more: readonly GpbField[] = []): Buffer {
  const resource = '/junos/system/linecard/interface/'
  return gpb(
    [1, 'mx1:192.0.2.1'],
    [2, 3n],
    [3, 1n],
    [4, `ports:${resource}:${resource}:PFE`],
    [5, BigInt(sequence)],
    [6, 1_000_000n],
    [7, 1n],
    [8, 1n],
    ...more,
    [101, [[2636, [[sensor, data]]]]],
  )
}

/** Octets and packets of a physical interface, and those of a queue. */
export const jtiPort = (octets: bigint): GpbValue => [
  [
    1,
    [
      [1, 'xe-0/0/0'],
      [2, 1_579_556_770n],
      [3, 512n],
      [4, 'ae1'],
      [
        5,
        [
          [1, 2n],
          [2, 10n],
          [3, octets / 2n],
        ],
      ],
      [
        7,
        [
          [1, 20n],
          [2, octets],
        ],
      ],
      [11, 'UP'],
      [16, [[2, 4n]]],
    ],
  ],
]
