// IS-IS out of captures.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import { findPdu } from '../../wire/isis/frame.ts'
import { igpOfCaptures } from '../igp/captures.ts'
import type { IsisOptions } from './options.ts'
import { IsisReceiver } from './receiver.ts'

export function isisOfCaptures(options: IsisOptions, host: Host): Stream {
  const receiver = new IsisReceiver(options, host)
  const taker = {
    open: (timeUs: number) => receiver.marker('log_init', timeUs),
    take: (block: FrameBlock, name: string) => take(block, name, receiver),
    tick: (timeUs: number) => receiver.tick(timeUs),
    flush: () => receiver.flush(),
  }
  return igpOfCaptures(options.captures, taker, 'packets-not-isis', host)
}

function take(block: FrameBlock, name: string, receiver: IsisReceiver): number {
  const { octets, count, start, end, timeUs, linkType } = block
  let others = 0
  for (let index = 0; index < count; index++) {
    const [from, to] = [start[index] as number, end[index] as number]
    const at = findPdu(linkType[index] as number, octets, from, to)
    if (at < 0) {
      others++
      continue
    }
    const pdu = receiver.read(octets, at, to, name)
    if (pdu) receiver.take(pdu, timeUs[index] as number)
  }
  return others
}
