import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDotted } from '../src/octets/address.ts'
import { KEEPALIVE, openMessage } from './route-files.ts'

/** A router on loopback that tells a table and then stays. */

const TRIES = 100
const TRY_MS = 100
const KEEPALIVE_MS = 20_000
const CHUNK_OCTETS = 1 << 16
const HEADER_OCTETS = 19

function tryConnect(port: number, address: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: address })
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

async function connected(port: number, address: string): Promise<Socket> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const socket = await tryConnect(port, address)
    if (socket) return socket
    await sleep(TRY_MS)
  }
  throw new Error(`nobody listens on port ${port}`)
}

/** OPEN and KEEPALIVE have come: two messages, whatever is in them. */
function established(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0)
    socket.on('data', chunk => {
      heard = Buffer.concat([heard, chunk]).subarray(0, CHUNK_OCTETS)
      const first = heard.length >= HEADER_OCTETS ? heard.readUInt16BE(16) : 0
      if (first > 0 && heard.length >= first + HEADER_OCTETS) resolve()
    })
    socket.once('close', () => reject(new Error('the daemon ended the session')))
  })
}

async function write(socket: Socket, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length; at += CHUNK_OCTETS) {
    if (!socket.write(octets.subarray(at, at + CHUNK_OCTETS)))
      await new Promise(resolve => socket.once('drain', resolve))
  }
}

/** Sends the table; the session stays until the result is called. */
export async function tell(kind: 'bgp' | 'bmp', port: number, address: string, table: Uint8Array): Promise<() => void> {
  const socket = await connected(port, address)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  let timer: NodeJS.Timeout | undefined
  if (kind === 'bgp') {
    const isUp = established(socket)
    socket.write(openMessage(parseDotted(address)))
    socket.write(KEEPALIVE)
    await isUp
    timer = setInterval(() => socket.write(KEEPALIVE), KEEPALIVE_MS)
  } else socket.resume()
  await write(socket, table)
  return () => {
    clearInterval(timer)
    socket.destroy()
  }
}
