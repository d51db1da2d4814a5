// Flows by their ends: protocol, addresses, ports, VLAN and interface. One number a flow.
import { TupleTable } from '../../lookup/tuple-table.ts'
import type { Headers } from './headers.ts'

const IPV4_WIDTH = 4
const IPV6_WIDTH = 10
const HIGH = 0x1_0000_0000
const PORTS = 65_536

/** NaN is not there. */
const orZero = (number: number): number => (Number.isNaN(number) ? 0 : number)

/** ICMP has its type and code where others have the destination port, as NetFlow exporters have it. */
function portsOf({ sourcePort, destinationPort, icmpType, icmpCode }: Headers): [number, number] {
  if (icmpType >= 0) return [0, icmpType * 256 + orZero(icmpCode)]
  return [orZero(sourcePort), orZero(destinationPort)]
}

export class FlowKeys {
  readonly #bidirectional: boolean
  readonly #tables = { 4: new TupleTable(IPV4_WIDTH), 6: new TupleTable(IPV6_WIDTH) }
  readonly #tuples = { 4: new Float64Array(IPV4_WIDTH), 6: new Float64Array(IPV6_WIDTH) }
  #family: 4 | 6 = 4
  /** The last key had its ends put in order. */
  isSwapped = false

  constructor(bidirectional: boolean) {
    this.#bidirectional = bidirectional
  }

  get size(): number {
    return this.#tables[4].size + this.#tables[6].size
  }

  /** The flow of these headers, or -1. */
  find(headers: Headers, iface: number): number {
    this.#family = headers.family === 6 ? 6 : 4
    const [source, destination] = portsOf(headers)
    this.isSwapped = this.#bidirectional && isHigher(headers, source, destination)
    const from = this.isSwapped ? headers.destination : headers.source
    const to = this.isSwapped ? headers.source : headers.destination
    const tuple = this.#tuples[this.#family]
    const words = this.#family === 6 ? 4 : 1
    for (let word = 0; word < words; word++) {
      tuple[word] = from[word] as number
      tuple[words + word] = to[word] as number
    }
    tuple[2 * words] = this.isSwapped ? destination * PORTS + source : source * PORTS + destination
    const way = this.#bidirectional ? 0 : orZero(iface)
    tuple[2 * words + 1] = (orZero(headers.protocol) * 4096 + orZero(headers.vlan)) * HIGH + way
    return this.#tables[this.#family].get(tuple)
  }

  /** Gives the key of the last `find` a flow; returns the key, to remove it by. */
  add(flow: number): Float64Array {
    const tuple = this.#tuples[this.#family]
    this.#tables[this.#family].set(tuple, flow)
    return tuple.slice()
  }

  remove(key: Float64Array): void {
    this.#tables[key.length === IPV6_WIDTH ? 6 : 4].delete(key)
  }
}

function isHigher({ source, destination, family, icmpType }: Headers, from: number, to: number): boolean {
  for (let word = 0; word < (family === 6 ? 4 : 1); word++) {
    const difference = (source[word] as number) - (destination[word] as number)
    if (difference !== 0) return difference > 0
  }
  return !(icmpType >= 0) && from > to
}
