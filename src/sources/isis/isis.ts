// IS-IS from neighbours on interfaces, or out of captures.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { isisOfCaptures } from './capture.ts'
import { isisOfNetwork } from './network.ts'
import type { IsisOptions } from './options.ts'

export function openIsis(options: IsisOptions, host: Host): Stream {
  return options.captures.length > 0 ? isisOfCaptures(options, host) : isisOfNetwork(options, host)
}
