// Other programs as tests use them: started here, on loopback, ended here.
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { ENVIRONMENT, type Ended, ended, isInstalled } from '../support/cli.ts'
import { until } from '../support/stats.ts'

/** Debian keeps daemons where the PATH of a user does not look. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`

/** Why tests that need programs are skipped; false when all are there. */
export function without(...programs: readonly string[]): string | false {
  const missing = programs.filter(program => !isInstalled(program))
  return missing.length > 0 && `not installed: ${missing.join(', ')}`
}

/** Starts a program; it is ended with the test if it still runs then, with what it has started. */
export function startProgram(context: TestContext, words: readonly string[], folder?: string): ChildProcess {
  const [program = '', ...args] = words
  const child = spawn(program, args, {
    env: { ...ENVIRONMENT, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, which is ended whole.
    detached: true,
    ...(folder === undefined ? {} : { cwd: folder }),
  })
  context.after(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // All of it has ended.
    }
  })
  return child
}

/** Runs a program to its end. */
export function runProgram(context: TestContext, words: readonly string[], folder?: string): Promise<Ended> {
  return ended(startProgram(context, words, folder))
}

interface KernelSocket {
  readonly queuedOctets: number
  readonly drops: number
}

/** The kernel's view of the UDP socket on a port. */
function kernelSocket(port: number): KernelSocket | undefined {
  for (const table of ['/proc/net/udp', '/proc/net/udp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (Number.parseInt(fields[1]?.split(':')[1] ?? '', 16) !== port) continue
      return { queuedOctets: Number.parseInt(fields[4]?.split(':')[1] ?? '0', 16), drops: Number(fields.at(-1)) }
    }
  }
  return undefined
}

/** Waits until a program has said something. */
export async function says(child: ChildProcess, words: string): Promise<void> {
  let text = ''
  const hear = (chunk: Buffer) => {
    text += chunk
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  await until(() => text.includes(words))
}

export const listening = (port: number): Promise<void> => until(() => kernelSocket(port)).then(() => undefined)

/** Waits until the socket's program has taken everything; what the kernel dropped. */
export async function taken(port: number): Promise<number> {
  await until(() => kernelSocket(port)?.queuedOctets === 0)
  return kernelSocket(port)?.drops ?? 0
}

export interface Payload {
  /** Last octet of the exporter's address. */
  readonly exporter: number
  readonly octets: Buffer
}

/** Datagrams sent at once: fewer than any receive buffer holds. */
const BURST = 20

async function senderOf(exporter: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, `127.0.0.${10 + exporter}`)
  await once(socket, 'listening')
  return socket
}

/**
 * Sends payloads to a port of loopback, exporter n from 127.0.0.(10 + n), each burst when the one before was read: a busy
 * machine loses none.
 */
export async function send(payloads: readonly Payload[], port: number): Promise<void> {
  const sockets = new Map<number, Socket>()
  for (const [index, { exporter, octets }] of payloads.entries()) {
    const socket = sockets.get(exporter) ?? (await senderOf(exporter))
    sockets.set(exporter, socket)
    await new Promise<void>((resolve, reject) => {
      socket.send(octets, port, '127.0.0.1', error => (error ? reject(error) : resolve()))
    })
    if (index % BURST === BURST - 1) await until(() => (kernelSocket(port)?.queuedOctets ?? 0) === 0)
  }
  for (const socket of sockets.values()) socket.close()
}

const PCAP_HEADER_OCTETS = 24
const RECORD_HEADER_OCTETS = 16
const ETHERNET_IPV4_UDP_OCTETS = 14 + 20 + 8
const LAST_OF_SOURCE = 14 + 15

/** UDP payloads of a capture that our own writer made: Ethernet, IPv4 without options. */
export function payloadsOf(path: string): Payload[] {
  const capture = readFileSync(path)
  const payloads: Payload[] = []
  for (let at = PCAP_HEADER_OCTETS; at < capture.length; ) {
    const octets = capture.readUInt32LE(at + 8)
    at += RECORD_HEADER_OCTETS
    payloads.push({
      exporter: capture[at + LAST_OF_SOURCE] as number,
      octets: capture.subarray(at + ETHERNET_IPV4_UDP_OCTETS, at + octets),
    })
    at += octets
  }
  return payloads
}
