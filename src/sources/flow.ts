// Flows from exporters: out of captures or off the network.
import type { Needs } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import { FlowDecoder } from '../wire/flow/decoder.ts'
import { Admission } from './admission.ts'
import { flowsOfCaptures } from './flow-capture.ts'
import { flowsOfNetwork } from './flow-network.ts'
import type { FlowOptions } from './flow-options.ts'
import { flowsOfShare } from './flow-share.ts'
import { SamplingRates } from './sampling-rates.ts'
import { TemplateStore } from './template-store.ts'

export async function* openFlows(options: FlowOptions, host: Host, wanted: Needs): Stream {
  const { share } = options
  const place = share ? share.templates : options.templateStore
  const store = place === undefined ? undefined : new TemplateStore(place, host)
  const rates = options.samplingMap ? new SamplingRates(options.samplingMap, host) : undefined
  const decoding = rates ? { ...options.decoder, samplingMap: rates.rate } : options.decoder
  const decoder = new FlowDecoder(decoding, store?.decoderHost() ?? host, wanted)
  const admission = new Admission(options.allow, host)
  host.watch(() => decoder.readings())
  host.watch(() => admission.readings())
  let { reloads } = host
  const upkeep = async () => {
    await store?.saveSometimes(decoder)
    if (reloads === host.reloads) return
    reloads = host.reloads
    await admission.reload()
    await rates?.reload()
  }
  await store?.load(decoder)
  try {
    if (share) yield* flowsOfShare(share, decoder, admission, upkeep, host)
    else if (options.captures.length > 0) yield* flowsOfCaptures(options, decoder, admission, upkeep, host)
    else yield* flowsOfNetwork(options, decoder, admission, upkeep, host)
  } finally {
    decoder.close()
    await store?.save(decoder)
  }
}
