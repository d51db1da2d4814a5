// What a message says, and which of the protocols said it.
import type { Value } from 'netally'

export interface Payload {
  readonly data: Value
  /** What it was on the wire: json, json_ietf, proto, gpb, ... */
  readonly serialization: string
  /** `telemetry` for dial-out of vendors, as over TCP. */
  readonly protocol: 'gnmi' | 'telemetry' | 'juniper'
}

export const SYNC: Payload = { data: { sync_response: true }, serialization: 'proto', protocol: 'gnmi' }
