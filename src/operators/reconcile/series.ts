// An interface of an exporter: its two directions, each with the windows that are open and what the closed ones came to.
import type { CounterTrack } from './counter-track.ts'
import { addEvidence, type Evidence, evidenceOf, noEvidence } from './evidence.ts'
import { type Amounts, Window } from './window.ts'

export const DIRECTIONS = ['in', 'out'] as const
export type Direction = (typeof DIRECTIONS)[number]

export interface Grid {
  readonly windowMs: number
  /** Windows before this one are closed. */
  openFrom: number
}

/** Told each window that something falls into, and the share of it. */
export type EachWindow = (window: Window, share: number) => void

export class Series {
  readonly #grid: Grid
  readonly windows = new Map<number, Window>()
  readonly total: Evidence = noEvidence()
  /** Of what counters said since the last window was closed. */
  resets = 0
  wraps = 0
  hasCounters = false

  constructor(grid: Grid) {
    this.#grid = grid
  }

  /** Spreads amounts over [fromMs, toMs]; the share, 0..1, that fell into windows which are closed. */
  add(fromMs: number, toMs: number, amounts: Amounts, each?: EachWindow): number {
    const { windowMs, openFrom } = this.#grid
    const first = Math.floor(fromMs / windowMs)
    const last = toMs > fromMs ? Math.ceil(toMs / windowMs) - 1 : first
    let late = 0
    for (let index = first; index <= last; index++) {
      const from = Math.max(fromMs, index * windowMs)
      const to = Math.min(toMs, (index + 1) * windowMs)
      const share = first === last ? 1 : (to - from) / (toMs - fromMs)
      if (index < openFrom) {
        late += share
        continue
      }
      const window = this.#window(index)
      window.add(from, to, amounts, share)
      each?.(window, share)
    }
    return late
  }

  #window(index: number): Window {
    let window = this.windows.get(index)
    if (!window) {
      window = new Window(index * this.#grid.windowMs, this.#grid.windowMs)
      this.windows.set(index, window)
    }
    return window
  }

  /** Takes a window out, into the total; undefined when there is none. */
  close(index: number): Evidence | undefined {
    const window = this.windows.get(index)
    if (!window) return undefined
    this.windows.delete(index)
    const evidence = evidenceOf(window, this.#grid.windowMs)
    evidence.resets = this.resets
    evidence.wraps = this.wraps
    this.resets = 0
    this.wraps = 0
    addEvidence(this.total, evidence)
    return evidence
  }
}

export class Port {
  readonly exporter: string
  /** ifIndex, or the name where counters have a name only. */
  readonly iface: number | string
  readonly in: Series
  readonly out: Series
  readonly tracks = new Map<string, CounterTrack>()
  /** bits/s, as counters tell it; 0 = they do not. */
  speed = 0
  name: string | undefined
  /** Growth of octet counters that no interface of flows is known for. */
  unplacedBytes = 0

  constructor(exporter: string, iface: number | string, grid: Grid) {
    this.exporter = exporter
    this.iface = iface
    this.in = new Series(grid)
    this.out = new Series(grid)
  }
}
