// Sends the datagrams of a capture, as often as it takes, from four exporters at a steady rate.
// node bench/tee/sender.ts FILE PORT DATAGRAMS_PER_SECOND COUNT
import { setPriority } from 'node:os'
import { UdpSender } from '../../plugins/udp-send/dist/index.js'
import { readDatagrams } from '../blaster.ts'

const SENDERS = 4
const BURST_DATAGRAMS = 64
const BUFFER_OCTETS = 4 << 20
/** What is measured is the tee. */
const PRIORITY = -15

const [path = '', port = '2055', rate = '0', count = '0'] = process.argv.slice(2)
const payloads = readDatagrams(path).map(({ sender, payload }) => ({ sender, payload }))
let [sent, octets, failed] = [0, 0, 0]
const outcome = (_token: number, size: number, error: string | undefined) => {
  if (error === undefined) octets += size
  else failed++
}
const senders = Array.from({ length: SENDERS }, (_, index) => {
  const options = { family: 4, transparent: false, address: `127.0.0.${11 + index}`, port: 0, tos: undefined } as const
  return new UdpSender({ ...options, sendBufferOctets: BUFFER_OCTETS }, outcome, () => {})
})
const to = { address: '127.0.0.1', port: Number(port) }
const from = { address: '127.0.0.1', port: 0 }
const target = (senders[0] as UdpSender).target(to)
setPriority(0, PRIORITY)
const sleep = new Int32Array(new SharedArrayBuffer(4))
const most = Number(count)
const startMs = performance.now()
while (sent < most) {
  const due = Math.min(most, Math.floor(((performance.now() - startMs) / 1000) * Number(rate)))
  const end = Math.min(due, sent + BURST_DATAGRAMS)
  if (end <= sent) {
    Atomics.wait(sleep, 0, 0, 0.5)
    continue
  }
  for (; sent < end; sent++) {
    const { sender, payload } = payloads[sent % payloads.length] as (typeof payloads)[number]
    ;(senders[sender] as UdpSender).send(payload, 0, payload.length, target, to, from, 0)
  }
  for (const sender of senders) sender.flush()
}
const perSecond = Math.round(most / ((performance.now() - startMs) / 1000))
for (const sender of senders) sender.close()
process.stdout.write(`${JSON.stringify({ datagrams: most, octets, failed, perSecond })}\n`)
