// Rows as `aggregate` gives them each minute: sums by 5-tuple, distinct, of a few bins.
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const DATA = join(import.meta.dirname, '..', 'data')
const PER_BIN = 100_000
const FIRST_BIN = 1_764_000_000
const FLUSH_LINES = 10_000

function row(n: number): string {
  const [a, b] = [n % 251, Math.floor(n / 251) % 241]
  const bin = FIRST_BIN + 60 * Math.floor(n / PER_BIN)
  return `{"ip_src":"10.${a}.${b}.${n % 7}","ip_dst":"192.0.2.${n % 199}","port_src":${1024 + (n % 60_000)},"port_dst":443,"ip_proto":"tcp","as_src":${64_500 + (n % 97)},"as_dst":${64_600 + (n % 89)},"stamp_inserted":${bin},"stamp_updated":${bin + 60},"packets":${1 + (n % 50)},"bytes":${40 + (n % 65_000)}}\n`
}

/** A file of so many rows; made when it is not there. */
export function sumsFile(count: number): string {
  const file = join(DATA, `sums-${count}.ndjson`)
  if (existsSync(file)) return file
  mkdirSync(DATA, { recursive: true })
  const descriptor = openSync(file, 'w')
  let lines = ''
  for (let n = 0; n < count; n++) {
    lines += row(n)
    if (n % FLUSH_LINES === FLUSH_LINES - 1 || n === count - 1) {
      writeSync(descriptor, lines)
      lines = ''
    }
  }
  closeSync(descriptor)
  return file
}
