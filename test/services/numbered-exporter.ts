// An exporter of NetFlow v9 whose flows are numbered: its template first, then a flow each few milliseconds until SIGTERM.
// node test/services/numbered-exporter.ts ADDRESS COLLECTOR PORT     Says how many flows it has sent.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { data, netflow9, template } from '../support/flow-writer.ts'

const EVERY_MS = 4
const OCTETS = 1
const SOURCE = 8

const [address = '', collector = '', port = ''] = process.argv.slice(2)
const of = template(256, [
  [SOURCE, 4],
  [OCTETS, 4],
])
const socket = createSocket('udp4')
socket.bind(0, address)
await once(socket, 'listening')
socket.connect(Number(port), collector)
await once(socket, 'connect')
socket.on('error', () => {})

let [sequence, flows] = [0, 0]
const send = (sets: Parameters<typeof netflow9>[1]) => {
  const exportTime = Math.floor(Date.now() / 1000)
  return new Promise<void>(resolve => {
    const header = {
      sysUptimeMs: 1000 + sequence,
      exportTime,
      sequence: sequence++,
      sourceId: Number(address.split('.').at(-1)),
    }
    socket.send(netflow9(header, sets), () => resolve())
  })
}
await send([of])
let isEnded = false
process.on('SIGTERM', () => {
  isEnded = true
})
while (!isEnded) {
  await send([data(of, [[0xc0_00_02_01, ++flows]])])
  await new Promise(resolve => setTimeout(resolve, EVERY_MS))
}
process.stdout.write(`${flows}\n`)
socket.close()
