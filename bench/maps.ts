// What a map of many rows costs a record: node bench/maps.ts [ROWS...]      (default 1 1000 100000)
//
// Nanoseconds of evaluate() for a record on columns, and milliseconds to read the map, for rows of several kinds of keys.
// Half of the records meet a row.
import { isProblem, ProblemError } from '../src/contract/problem.ts'
import { type NetRecord, recordBatch } from '../src/contract/record.ts'
import { picker } from '../src/fields/picker.ts'
import { parsePreTagMap } from '../src/maps/pre-tag-map.ts'
import { emptyOutcome } from '../src/maps/tag-action.ts'
import { randomSource } from './random.ts'

const RECORDS = 500
const ROUNDS = 200
const octets = (n: number): string => `${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

interface Kind {
  readonly row: (n: number) => string
  /** A record that meets row n. */
  readonly record: (n: number) => NetRecord
}

const exporter = (n: number): string => `10.${octets(n % 1000)}`

const KINDS: { readonly [name: string]: Kind } = {
  'ip, in': { row: n => `ip=${exporter(n)} in=${n}`, record: n => ({ peer_ip_src: exporter(n), iface_in: n }) },
  'ip, in, out, vlan': {
    row: n => `ip=${exporter(n)} in=${n} out=${n % 7} vlan=${n % 11}`,
    record: n => ({ peer_ip_src: exporter(n), iface_in: n, iface_out: n % 7, vlan: n % 11 }),
  },
  src_net: { row: n => `src_net=11.${octets(n)}/32`, record: n => ({ ip_src: `11.${octets(n)}` }) },
  'src_net /24, dst_net /16': {
    row: n => `src_net=${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24 dst_net=20.${n & 255}.0.0/16`,
    record: n => ({ ip_src: `${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.9`, ip_dst: `20.${n & 255}.7.7` }),
  },
  'src_as, dst_as': {
    row: n => `src_as=${n + 1} dst_as=${n % 100}`,
    record: n => ({ as_src: n + 1, as_dst: n % 100 }),
  },
  'ip_proto, dst_port, src_as': {
    row: n => `ip_proto=tcp dst_port=${n % 60000} src_as=${n}`,
    record: n => ({ ip_proto: 'tcp', port_dst: n % 60000, as_src: n }),
  },
  comms: { row: n => `comms=65000:${n}`, record: n => ({ comms: ['65001:1', `65000:${n}`, '65002:2'] }) },
  'in, a range of ports': {
    row: n => `in=${n} dst_port=1024-2047`,
    record: n => ({ iface_in: n, port_dst: 1500 }),
  },
  'a range only': { row: n => `in=${10 * n}-${10 * n + 9}`, record: n => ({ iface_in: 10 * n + 3 }) },
  'ip, a filter': {
    row: n => `ip=11.${octets(n)} filter='tcp and dst port 443'`,
    record: n => ({ peer_ip_src: `11.${octets(n)}`, ip_proto: 'tcp', port_dst: 443 }),
  },
}

function measured({ row, record }: Kind, rows: number): [nanoseconds: number, readMs: number] {
  const text = Array.from({ length: rows }, (_, n) => `set_tag=${n} ${row(n)}`).join('\n')
  const before = performance.now()
  const map = parsePreTagMap(text, 'bench.map')
  const readMs = performance.now() - before
  if (isProblem(map)) throw new ProblemError(map)
  const random = randomSource(3)
  const batches = Array.from({ length: 20 }, () =>
    Array.from({ length: RECORDS }, (_, at) => record(at % 2 ? 2_000_000 + at : Math.floor(random() * rows))),
  )
  const picks = batches.map(records => picker(map.fields)(recordBatch(records, 0)))
  const outcome = emptyOutcome()
  let met = 0
  const round = () => {
    for (const { columns, rows: at, count } of picks) {
      for (let index = 0; index < count; index++) if (map.evaluate(columns, at[index] as number, outcome)) met++
    }
  }
  // A kind that is asked row by row is not asked as often.
  const started = process.cpuUsage()
  round()
  const first = process.cpuUsage(started)
  const rounds = Math.max(1, Math.min(ROUNDS / 20, Math.floor(1e6 / (first.user + 1))))
  const start = process.cpuUsage()
  for (let count = 0; count < rounds; count++) round()
  const { user, system } = process.cpuUsage(start)
  if (met !== (rounds + 1) * picks.length * (RECORDS / 2)) throw new Error(`${met} records met a row`)
  return [((user + system) * 1000) / (rounds * picks.length * RECORDS), readMs]
}

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 1000, 100_000]
process.stdout.write(`| keys of a row | ${sizes.map(rows => `${rows} rows`).join(' | ')} | to read the last |\n`)
process.stdout.write(`|---|${sizes.map(() => '---').join('|')}|---|\n`)
// The first is slow until V8 has compiled it.
measured(KINDS['ip, in'] as Kind, 1000)
for (const [name, kind] of Object.entries(KINDS)) {
  const results = sizes.map(rows => measured(kind, rows))
  const cells = results.map(([nanoseconds]) => `${Math.round(nanoseconds)} ns`)
  process.stdout.write(`| ${name} | ${cells.join(' | ')} | ${Math.round(results.at(-1)?.[1] ?? 0)} ms |\n`)
}
