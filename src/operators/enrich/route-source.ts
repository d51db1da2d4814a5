// The table of routes that one stream of BGP or BMP records makes.
import type { Batch, Stream } from '../../contract/record.ts'
import { RouteIndex } from '../../lookup/route-index.ts'
import { Rib } from '../../wire/rib/rib.ts'
import { Side, type SideTable, type WaitFor } from './side.ts'

export class RouteSource implements SideTable {
  readonly rib: Rib
  readonly index: RouteIndex
  readonly side: Side

  constructor(stream: Stream, count: (name: string, by?: number) => void) {
    this.rib = new Rib(count)
    this.index = new RouteIndex(this.rib.table.prefixes)
    this.side = new Side(stream, this)
  }

  get clockMs(): number {
    return this.rib.clockMs
  }

  begin(batch: Batch): void {
    this.rib.begin(batch)
  }

  advance(isDue: (timeMs: number, isDump: boolean) => boolean): boolean {
    return this.rib.advance(isDue)
  }

  isComplete(what: WaitFor, pastDump: boolean): boolean {
    const sessions = [...this.rib.peers.sessions.values()]
    if (what === 'eor') {
      const peers = sessions.flatMap(session => [...session.peers])
      return peers.length > 0 && peers.every(peer => peer.isComplete)
    }
    const isDumped = sessions.some(one => one.dumpsEnded > 0) && sessions.every(one => one.dumpsEnded >= one.dumpsBegun)
    return what === 'dump' && isDumped && pastDump
  }
}
