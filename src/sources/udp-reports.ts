// What is told of UDP sockets, whoever reads them: buffers that are too small, and what was lost.
import type { Reading } from '../contract/host.ts'
import type { Problem } from '../contract/problem.ts'
import type { KernelDrops } from './kernel-drops.ts'

interface Buffered {
  readonly receiveBufferOctets: number
}

const smallest = (sockets: readonly Buffered[]): number =>
  Math.min(...sockets.map(({ receiveBufferOctets }) => receiveBufferOctets))

/** Undefined where every socket has as much as was wanted. */
export function smallBuffer(sockets: readonly Buffered[], wanted: number): Problem | undefined {
  const given = smallest(sockets)
  if (!(given < wanted)) return undefined
  return {
    note: true,
    code: 'udp/receive-buffer',
    message: `the kernel gives a receive buffer of ${given} octets, not ${wanted}`,
    hint: `sysctl -w net.core.rmem_max=${wanted}`,
    reference: 'socket(7), SO_RCVBUF',
  }
}

export function droppedByKernel(drops: number, sockets: readonly Buffered[]): Problem {
  return {
    note: true,
    code: 'udp/kernel-drops',
    message: `${drops} datagrams did not fit into the kernel's receive buffer of ${smallest(sockets)} octets`,
    hint: 'raise --receive-buffer and net.core.rmem_max',
  }
}

export function* socketReadings(
  kernelDrops: KernelDrops,
  sockets: readonly (Buffered & { readonly name: string })[],
): Iterable<Reading> {
  for (const { name, drops } of kernelDrops) {
    yield { name: 'socket_kernel_drops', labels: { socket: name }, value: drops }
  }
  for (const { name, receiveBufferOctets } of sockets) {
    yield { name: 'listening', labels: { socket: name }, value: 1 }
    yield { name: 'socket_receive_buffer_octets', labels: { socket: name }, value: receiveBufferOctets }
  }
}
