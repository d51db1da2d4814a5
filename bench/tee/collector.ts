// Counts the datagrams that come to a port of 127.0.0.1 until SIGTERM; a JSON line says how many, and how many the kernel dropped.
// node bench/tee/collector.ts PORT
import { setPriority } from 'node:os'
import { UdpReceiver, Waiter } from '../../plugins/udp-send/dist/index.js'
import { socketState } from '../udp.ts'

const BUFFER_OCTETS = 4 << 20
/** What is measured is the tee. */
const PRIORITY = -15
const PAUSE_MS = 3
const LONGEST_MS = 120_000
const POLL_MS = 200

const port = Number(process.argv[2])
const receiver = new UdpReceiver({
  family: 4,
  address: '127.0.0.1',
  port,
  ipv6Only: false,
  receiveBufferOctets: BUFFER_OCTETS,
})
const waiter = new Waiter([receiver])
setPriority(0, PRIORITY)
const sleep = new Int32Array(new SharedArrayBuffer(4))
let [datagrams, octets, ended] = [0, 0, false]
const end = () => {
  ended = true
}
process.on('SIGTERM', end)
// Should nobody be left who ends it.
setTimeout(end, LONGEST_MS).unref()

for (;;) {
  const count = receiver.receive()
  for (let index = 0; index < count; index++) octets += receiver.length(index)
  datagrams += count
  if (count > 0) {
    // Many at once: the collector shall cost little.
    if (count < 64) Atomics.wait(sleep, 0, 0, PAUSE_MS)
    await new Promise(setImmediate)
    continue
  }
  if (ended) break
  await waiter.wait(POLL_MS)
}
process.stdout.write(`${JSON.stringify({ datagrams, octets, kernelDrops: socketState(port)?.drops ?? -1 })}\n`)
