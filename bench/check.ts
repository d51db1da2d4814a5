import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { asWeight, portWeight, type Sums } from './sums.ts'

/** What a tool's output says; NaN for what it does not say. */
export interface Found {
  rows: number
  packets: number
  bytes: number
  weighted: number
}

interface Row {
  readonly keys: readonly [number, number]
  readonly packets?: number | undefined
  readonly bytes?: number | undefined
}
const NO_KEYS: Row['keys'] = [Number.NaN, Number.NaN]
type ReadLine = (line: string) => Row | undefined

const json = (line: string): Record<string, number> => JSON.parse(line) as Record<string, number>
const number = (value: number | string | undefined): number => Number(value ?? Number.NaN)

/** One reader for each form of output the tools have. A line that is no row gives undefined. */
const READERS: Readonly<Record<string, ReadLine>> = {
  asJson: line => {
    const row = json(line)
    return {
      keys: [number(row.as_src ?? row.src_as), number(row.as_dst ?? row.dst_as)],
      packets: row.packets ?? row.packets_sum,
      bytes: row.bytes ?? row.bytes_sum,
    }
  },
  portJson: line => {
    const row = json(line)
    return { keys: [number(row.port_src), number(row.port_dst)], packets: row.packets, bytes: row.bytes }
  },
  /** as_src,as_dst bytes packets */
  asColumns: line => {
    const [pair = '', bytes, packets] = line.split(' ')
    const [source, destination] = pair.split(',')
    return {
      keys: [number(source), number(destination)],
      packets: packets ? number(packets) : undefined,
      bytes: number(bytes),
    }
  },
  /** nfdump -o csv -A srcas,dstas: a heading line names the columns. */
  asNfdumpCsv: line => {
    const values = line.split(',')
    if (values.length < 40 || values[0] === 'ts') return undefined
    return { keys: [number(values[17]), number(values[18])], packets: number(values[11]), bytes: number(values[12]) }
  },
  /** nfdump -N -o 'fmt:%sa %da %sp %dp %pr %pkt %byt'; it loses the type and code of ICMP, so no keys. */
  portNfdumpText: line => {
    const [packets, bytes] = line.trim().split(/\s+/).slice(5)
    return { keys: NO_KEYS, packets: number(packets), bytes: number(bytes) }
  },
}

/** nfdump -o json prints one pretty object a record; only these of its lines matter. It loses the type of ICMP: no keys. */
const NFDUMP_KEYS: Readonly<Record<string, 'packets' | 'bytes'>> = { in_packets: 'packets', in_bytes: 'bytes' }

async function readNfdumpJson(path: string, add: (row: Row) => void): Promise<void> {
  let row = { packets: 0, bytes: 0 }
  for await (const line of createInterface(createReadStream(path))) {
    const [, key = '', value] = /^\s*"(\w+)"\s*:\s*(\d+)/.exec(line) ?? []
    const name = NFDUMP_KEYS[key]
    if (name !== undefined) row[name] = number(value)
    if (!line.startsWith('}')) continue
    add({ keys: NO_KEYS, ...row })
    row = { packets: 0, bytes: 0 }
  }
}

export type Reader = 'asJson' | 'portJson' | 'asColumns' | 'asNfdumpCsv' | 'portNfdumpText' | 'nfdumpJson'

export async function readOutput(path: string, reader: Reader): Promise<Found> {
  const weight = reader.startsWith('as') ? asWeight : portWeight
  const found = { rows: 0, packets: 0, bytes: 0, weighted: 0 }
  const add = (row: Row): void => {
    found.rows++
    found.packets += row.packets ?? Number.NaN
    found.bytes += row.bytes ?? Number.NaN
    found.weighted += (row.bytes ?? Number.NaN) * weight(...row.keys)
  }
  if (reader === 'nfdumpJson') await readNfdumpJson(path, add)
  else {
    const read = READERS[reader] as ReadLine
    for await (const line of createInterface(createReadStream(path))) {
      const row = line === '' ? undefined : read(line)
      if (row !== undefined) add(row)
    }
  }
  return found
}

/** Which of the known sums an output has to show. */
export type Expectation = 'records' | 'asPairs' | 'tuples' | 'passing'

const EXPECTED: Readonly<Record<Expectation, (sums: Sums) => Partial<Found>>> = {
  records: sums => ({ rows: sums.records, packets: sums.packets, bytes: sums.bytes, weighted: sums.tupleWeighted }),
  asPairs: sums => ({ rows: sums.asPairs, packets: sums.packets, bytes: sums.bytes, weighted: sums.asWeighted }),
  tuples: sums => ({ rows: sums.tuples, packets: sums.packets, bytes: sums.bytes, weighted: sums.tupleWeighted }),
  passing: sums => ({ rows: sums.passing, bytes: sums.passingBytes }),
}

/** The names of the values that are not as they must be; none is right. */
export function differences(found: Found, sums: Sums, expectation: Expectation, tolerance = 0): string[] {
  const expected = EXPECTED[expectation](sums)
  const names = Object.keys(expected) as (keyof Found)[]
  return names
    .filter(name => Math.abs(found[name] - (expected[name] ?? Number.NaN)) > tolerance * found[name])
    .map(name => `${name} ${found[name]} instead of ${expected[name]}`)
}
