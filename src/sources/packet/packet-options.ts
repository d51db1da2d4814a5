// What packet-recv is told.
import type { InterfacesMap } from '../../maps/interfaces-map.ts'
import type { FlowLifetimes } from '../../wire/packet/flow-lifetimes.ts'
import type { PacketOptions } from '../../wire/packet/frame-reader.ts'
import type { Account } from '../drop-privileges.ts'

export interface PacketSourceOptions {
  /** Files in order; '-' is standard input. */
  readonly captures: readonly string[]
  /** Interfaces to capture from, where there are no files. */
  readonly interfaces: readonly string[]
  /** Their numbers and directions; the system's own numbers where there is none. */
  readonly map: InterfacesMap | undefined
  readonly filter: string | undefined
  /** Undefined: as many as the wanted fields take. */
  readonly snapOctets: number | undefined
  readonly promiscuous: boolean
  readonly account: Account | undefined
  readonly packets: PacketOptions
  /** Flows instead of packets. */
  readonly flows: FlowLifetimes | undefined
}
