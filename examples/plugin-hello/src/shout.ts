// An operator: takes a stream, gives a stream. It has no timer and no clock but `batch.now`.
import { operatorCommand, reading, recordBatch } from 'netally'

export const shout = operatorCommand({
  summary: 'write labels in capitals, and leave out records without one',
  examples: ['netally hello-recv | netally shout'],
  flags: {},
  prepare: () => ({}),
  needs: (_options, wanted) => reading(['label'], wanted),
  async *apply(input, _options, host) {
    for await (const batch of input) {
      const loud = batch.records.flatMap(record =>
        typeof record.label === 'string' ? [{ ...record, label: record.label.toUpperCase() }] : [],
      )
      host.count('dropped/silent', batch.records.length - loud.length)
      yield recordBatch(loud, batch.now)
    }
  },
})
