// BMP from routers: out of captures or off the network.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { BmpDecoder } from '../../wire/bmp/decoder.ts'
import { Admission } from '../admission.ts'
import { bmpOfCaptures } from './capture.ts'
import { bmpOfNetwork } from './network.ts'
import type { BmpOptions } from './options.ts'

export function openBmp(options: BmpOptions, host: Host): Stream {
  const decoder = new BmpDecoder(options.decoder, host)
  const admission = new Admission(options.allow, host)
  host.watch(() => admission.readings())
  if (options.captures.length > 0) return bmpOfCaptures(options, decoder, admission, host)
  return bmpOfNetwork(options.station, decoder, admission, host)
}
