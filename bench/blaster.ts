import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Plays the UDP payloads of a capture made by generate.ts to a port of 127.0.0.1, at a steady rate.
 * node bench/blaster.ts FILE PORT DATAGRAMS_PER_SECOND   (0: as fast as possible)
 */

const FILE_HEADER_OCTETS = 24
const RECORD_HEADER_OCTETS = 16
const FRAME_HEADER_OCTETS = 14 + 20 + 8
const SOURCE_ADDRESS_LAST_OCTET = 14 + 15
/** Exporter 10.0.0.n sends from 127.0.0.(10 + n). */
const SENDERS = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14']
const BURST_DATAGRAMS = 32
const SEND_BUFFER_OCTETS = 4 << 20

interface Datagram {
  readonly sender: number
  readonly payload: Buffer
}

export function readDatagrams(path: string): Datagram[] {
  const capture = readFileSync(path)
  const datagrams: Datagram[] = []
  for (let at = FILE_HEADER_OCTETS; at < capture.length; ) {
    const octets = capture.readUInt32LE(at + 8)
    const frame = capture.subarray(at + RECORD_HEADER_OCTETS, at + RECORD_HEADER_OCTETS + octets)
    const sender = ((frame[SOURCE_ADDRESS_LAST_OCTET] ?? 1) - 1) % SENDERS.length
    datagrams.push({ sender, payload: frame.subarray(FRAME_HEADER_OCTETS) })
    at += RECORD_HEADER_OCTETS + octets
  }
  return datagrams
}

async function openSocket(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: SEND_BUFFER_OCTETS })
  socket.bind(0, address)
  await once(socket, 'listening')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const sendBurst = (sockets: readonly Socket[], burst: readonly Datagram[]): Promise<void> =>
  new Promise((resolve, reject) => {
    let left = burst.length
    for (const { sender, payload } of burst) {
      sockets[sender]?.send(payload, error => {
        if (error !== null) reject(error)
        else if (--left === 0) resolve()
      })
    }
  })

/** Sends every datagram once; returns how many a second really went out. */
export async function blast(datagrams: readonly Datagram[], port: number, rate: number): Promise<number> {
  const sockets = await Promise.all(SENDERS.map(address => openSocket(address, port)))
  const from = performance.now()
  for (let sent = 0; sent < datagrams.length; ) {
    const due = rate > 0 ? Math.floor(((performance.now() - from) / 1000) * rate) : datagrams.length
    const count = Math.min(due - sent, BURST_DATAGRAMS)
    if (count <= 0) {
      await sleep(1)
      continue
    }
    await sendBurst(sockets, datagrams.slice(sent, sent + count))
    sent += count
  }
  const seconds = (performance.now() - from) / 1000
  for (const socket of sockets) socket.close()
  return datagrams.length / seconds
}

if (import.meta.main) {
  const [path = '', port = '2055', rate = '0'] = process.argv.slice(2)
  const datagrams = readDatagrams(path)
  const reached = await blast(datagrams, Number(port), Number(rate))
  console.log(JSON.stringify({ datagrams: datagrams.length, perSecond: Math.round(reached) }))
}
