// Flags of sources whose messages are datagrams of exporters: those of flow-recv that have to do with decoding.
import type { Interfaces } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import type { DatagramOptions } from '../sources/message/datagrams.ts'
import { FLOW_FLAGS, flowOptions } from './flow-flags.ts'

const OF_SOCKETS: ReadonlySet<string | undefined> = new Set(['IPFIX SESSIONS', 'NETWORK', 'CAPTURE'])

export const DATAGRAM_FLAGS: Interfaces.FlagInput = {
  ...Object.fromEntries(Object.entries(FLOW_FLAGS).filter(([, flag]) => !OF_SOCKETS.has(flag.helpGroup))),
  allow: { ...FLOW_FLAGS.allow, helpGroup: 'DECODING' },
}

/** Options of the decoder from parsed flags and the files that they name; throws a ProblemError. */
export async function datagramOptions(
  parsed: { readonly [name: string]: unknown },
  host: Host,
): Promise<DatagramOptions> {
  const { decoder, allow, samplingMap, templateStore } = await flowOptions(parsed, host)
  return { decoder, allow, samplingMap, templateStore }
}
