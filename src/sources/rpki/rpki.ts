// RPKI data: from caches by RTR, or out of files.
import type { Host } from '../../contract/host.ts'
import type { Stream } from '../../contract/record.ts'
import { rpkiOfFiles } from './files.ts'
import { rpkiOfCaches } from './network.ts'
import type { RpkiOptions } from './options.ts'

export function openRpki(options: RpkiOptions, host: Host): Stream {
  return options.caches.length > 0 ? rpkiOfCaches(options, host) : rpkiOfFiles(options, host)
}
