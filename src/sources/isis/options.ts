// What isis-recv is told.
import type { IsisKeys } from '../../maps/isis-keys.ts'
import type { Level } from '../../wire/isis/pdu.ts'
import type { Account } from '../drop-privileges.ts'

/** Kind of a circuit; auto: as the first hello says that is heard. */
export type CircuitKind = 'auto' | 'p2p' | 'lan'

export interface SpeakerOptions {
  /** Undefined: made of the MAC address of the first interface. */
  readonly systemId: string | undefined
  /** Area addresses in hex; none: those of the neighbour. */
  readonly areas: readonly string[]
  readonly levels: readonly Level[]
  readonly circuit: CircuitKind
  readonly helloSeconds: number
  /** Hellos missed until we are given up. */
  readonly holdMultiplier: number
}

export interface IsisOptions {
  /** Captures where some are given, else interfaces. */
  readonly captures: readonly string[]
  readonly interfaces: readonly string[]
  readonly speaker: SpeakerOptions
  readonly keys: IsisKeys | undefined
  readonly domain: string
  readonly localAs: number | undefined
  /** PDUs instead of what they say. */
  readonly pdus: boolean
  readonly account: Account | undefined
}
