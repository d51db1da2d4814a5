// Messages of telemetry, however they came here, as one record a leaf.
import type { Operator } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, type NetRecord, recordBatch, type Stream } from '../../contract/record.ts'
import { type FlatOptions, flat } from './flat.ts'
import { flatForm, isLeaf } from './forms.ts'

async function* flatForms(input: Stream, host: Host): Stream {
  for await (const batch of input) {
    const messages: NetRecord[] = []
    for (const record of batch.records) messages.push(isLeaf(record) ? record : flatForm(record, batch.now))
    // A message becomes any number of leaves.
    host.count('merged', batch.count)
    yield recordBatch(messages, batch.now)
  }
}

async function* counted(leaves: Stream, host: Host): Stream {
  for await (const batch of leaves) {
    host.count('created', batch.count)
    yield batch satisfies Batch
  }
}

export const flatten: Pick<Operator<FlatOptions>, 'apply'> = {
  apply: (input, options, host) => counted(flat(flatForms(input, host), options, host), host),
}
