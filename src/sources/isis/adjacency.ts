// A neighbour, as hellos make it known.
import type { Hello, Level } from '../../wire/isis/pdu.ts'

export type AdjacencyState = 'initializing' | 'up'

export interface Adjacency {
  readonly systemId: string
  /** Twelve hex digits. */
  readonly mac: string
  levels: readonly Level[]
  state: AdjacencyState
  /** When it is given up, Unix ms. */
  expiresMs: number
  /** Point to point: the neighbour's number of the circuit. */
  circuit: number
  /** LAN. */
  priority: number
  lanId: string
  /** Its TLV 229, which we repeat. */
  topologies: Uint8Array | undefined
}

/** What the circuits of one speaker have in common. */
export interface SpeakerState {
  readonly systemId: string
  /** In hex; those of the first neighbour where none were given. */
  areas: readonly string[]
  readonly levels: readonly Level[]
  readonly helloMs: number
  readonly holdSeconds: number
}

/** Levels that an adjacency can have: both sides', and level 1 only within an area. */
export function commonLevels(speaker: SpeakerState, hello: Hello, areas: readonly string[]): Level[] {
  const offered = hello.level === undefined ? hello.levels : 1 << (hello.level - 1)
  const isSameArea = areas.some(area => speaker.areas.includes(area))
  return speaker.levels.filter(level => (offered & level) !== 0 && (level === 2 || isSameArea))
}

export const levelBits = (levels: readonly Level[]): number => levels.reduce<number>((bits, level) => bits | level, 0)
