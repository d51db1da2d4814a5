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
