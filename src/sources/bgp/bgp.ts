// BGP from peers: sessions off the network, or out of captures.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { RouteRecords } from '../../wire/bgp/records.ts'
import { Admission } from '../admission.ts'
import type { BgpOptions } from './bgp-options.ts'
import { bgpOfCaptures } from './capture.ts'
import { bgpOfNetwork } from './network.ts'
import { ENVELOPE_KEYS } from './peer-log.ts'

export function openBgp(options: BgpOptions, host: Host): Stream {
  const records = new RouteRecords(ENVELOPE_KEYS, { next: 0 })
  const admission = new Admission(options.allow, host)
  host.watch(() => admission.readings())
  if (options.captures.length > 0) return bgpOfCaptures(options, records, admission, host)
  return bgpOfNetwork(options, records, admission, host)
}
