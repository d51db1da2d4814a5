// A worker that says something and then dies, in the way that its last stage is named.
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerInput, WorkerMessage } from '../../src/runtime/workers/messages.ts'

const post = (message: WorkerMessage) => parentPort?.postMessage(message)
const { stages, news } = workerData as WorkerInput
post({ kind: 'counters', counted: [[['created', 1]]], readings: [[]] })
post({ kind: 'octets', octets: Buffer.from('{"bytes":1}\n'), rows: 1 })
news.on('message', () => {})
const way = stages[0]?.command
// What was said is heard first.
setImmediate(() => {
  if (way === 'throws') throw new Error('no more memory')
  if (way === 'exits') process.exit(0)
  post({ kind: 'failed', problem: { code: 'flow/odd', message: 'this is odd' } })
})
