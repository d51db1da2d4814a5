// OSPF out of captures.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import type { FrameBlock } from '../../wire/capture/block.ts'
import { PayloadReader } from '../../wire/capture/payloads.ts'
import { PROTOCOL } from '../../wire/ospf/packet.ts'
import { igpOfCaptures } from '../igp/captures.ts'
import type { OspfOptions } from './options.ts'
import { OspfReceiver } from './receiver.ts'

export async function* openOspf(options: OspfOptions, host: Host): Stream {
  const receiver = new OspfReceiver(options, host)
  const payloads = new PayloadReader(PROTOCOL, host)
  const take = (block: FrameBlock, name: string): number => {
    let others = 0
    for (let index = 0; index < block.count; index++) {
      const payload = payloads.read(block, index)
      if (payload) receiver.take(payload, block.timeUs[index] as number, name)
      else others++
    }
    return others
  }
  const taker = {
    open: (timeUs: number) => receiver.open(timeUs),
    take,
    tick: (timeUs: number) => receiver.tick(timeUs),
    flush: () => receiver.flush(),
  }
  yield* igpOfCaptures(options.captures, taker, 'packets-not-ospf', host)
  payloads.finish()
}
