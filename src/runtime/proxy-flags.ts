// The flags of bgp-proxy, and what they mean.
import { Flags } from '@oclif/core'
import { orThrow } from '../contract/problem.ts'
import { readCrossConnectMap } from '../maps/cross-connect-map.ts'
import type { ProxyOptions } from '../sources/bgp/proxy.ts'
import { parseListenAddress } from '../sources/listen-address.ts'

export const PROXY_FLAGS = {
  listen: Flags.string({
    summary: 'TCP socket that peers connect to; repeat for more (default: port 179 of all addresses)',
    helpValue: '[ADDRESS:]PORT',
    multiple: true,
    multipleNonGreedy: true,
  }),
  map: Flags.string({
    summary:
      "which collector a peer's connections go to (pmacct's bgp_daemon_xconnect_map); read again when it changes, and on SIGHUP",
    helpValue: 'FILE',
    required: true,
  }),
  'proxy-header': Flags.boolean({
    summary: "tell the collector the peer's address in a PROXY protocol header, version 2",
  }),
  'max-connections': Flags.integer({
    summary: 'connections at a time; more are refused',
    helpValue: 'N',
    default: 256,
    min: 1,
    max: 65_536,
  }),
}

const DEFAULT_LISTEN = ['179']

interface Parsed {
  readonly listen?: string[] | undefined
  readonly map: string
  readonly 'proxy-header': boolean
  readonly 'max-connections': number
}

/** Throws a ProblemError. */
export async function proxyOptions(parsed: Parsed): Promise<ProxyOptions> {
  return {
    listen: (parsed.listen ?? DEFAULT_LISTEN).map(text => orThrow(parseListenAddress(text))),
    map: orThrow(await readCrossConnectMap(parsed.map)),
    maxConnections: parsed['max-connections'],
    proxyHeader: parsed['proxy-header'],
  }
}
