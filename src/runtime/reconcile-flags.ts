// The flags of reconcile, and what they mean.
import { Flags } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import { orThrow, type Problem, ProblemError } from '../contract/problem.ts'
import { readCounterMap } from '../maps/counter-map.ts'
import { readInterfaceNames } from '../maps/interface-names.ts'
import type { Readable } from '../operators/enrich/reloaded.ts'
import { RECONCILE_DEFAULTS, type ReconcileOptions } from '../operators/reconcile.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'
import { durationMs } from './quantities.ts'
import { sideInput } from './side-input.ts'

/** Records that are not older were received now. */
const LIVE_MS = 10_000
const COUNTERS = { helpGroup: 'COUNTERS OF INTERFACES' }

export const RECONCILE_FLAGS = {
  counters: Flags.string({
    summary: 'records of counters: a file, a FIFO, unix:PATH, <(COMMAND); counters among the flows are taken too',
    multiple: true as const,
    multipleNonGreedy: true as const,
    helpValue: 'SRC',
    ...COUNTERS,
  }),
  'counter-map': Flags.string({
    summary: 'what counters are called in telemetry that is not known: rows counter=in_octets path=*/rx-octets',
    helpValue: 'FILE',
    ...COUNTERS,
  }),
  'interface-map': Flags.string({
    summary: 'rows ifname=ge-0/0/0 ifindex=501 ip=192.0.2.1, and node=10.0.0.1 ip=192.0.2.1',
    helpValue: 'FILE',
    ...COUNTERS,
  }),
  window: Flags.string({ summary: 'time that is compared at once', helpValue: '5m', default: '5m' }),
  late: Flags.string({
    summary: 'how long a window waits for flows and counters after its end: more than the active timeout',
    helpValue: '10m',
    default: '10m',
  }),
  bin: Flags.string({
    summary: 'length of the bins of records that have stamp_inserted only; default: as --window',
    helpValue: '5m',
  }),
  tolerance: Flags.string({
    summary: 'by how much sums may differ and still agree, in percent',
    helpValue: 'PERCENT',
    default: '5',
  }),
  'max-interfaces': Flags.integer({
    summary: 'interfaces that are compared; others are counted',
    default: RECONCILE_DEFAULTS.maxInterfaces,
    min: 1,
    max: 1_000_000,
  }),
  totals: Flags.boolean({ summary: 'one record an interface and direction at the end, none for windows' }),
  table: Flags.boolean({ summary: 'the totals as a table for people' }),
}

async function map<Table extends object>(
  value: unknown,
  read: (path: string) => Promise<Table | Problem>,
): Promise<Readable<Table> | undefined> {
  const path = text(value)
  if (path === undefined) return undefined
  return { table: orThrow(await read(path)) as Table, read: () => read(path) }
}

function share(value: unknown): number {
  const percent = Number(value)
  if (percent > 0 && percent < 100) return percent / 100
  throw new ProblemError({
    code: 'usage/bad-tolerance',
    message: `--tolerance "${String(value)}" is no tolerance`,
    hint: 'write percent above 0 and below 100: 5',
  })
}

function window(flag: string, value: unknown): number {
  const ms = durationMs(flag, value)
  if (ms >= 1000) return ms
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--${flag} must be a second at least`,
    hint: 'write a number and a unit: 30s, 5m, 1h',
  })
}

/** Options of the operator from parsed flags; throws a ProblemError. */
export async function reconcileOptions(parsed: ParsedOptions, host: Host): Promise<ReconcileOptions> {
  const windowMs = window('window', parsed.window)
  return {
    counters: texts(parsed.counters).map(path => sideInput(path, host)),
    windowMs,
    lateMs: durationMs('late', parsed.late),
    binMs: parsed.bin === undefined ? windowMs : window('bin', parsed.bin),
    tolerance: share(parsed.tolerance),
    maxInterfaces: Number(parsed['max-interfaces']),
    asTable: parsed.table === true,
    totalsOnly: parsed.totals === true || parsed.table === true,
    counterMap: await map(parsed['counter-map'], readCounterMap),
    interfaceNames: await map(parsed['interface-map'], readInterfaceNames),
    isLive: nowMs => nowMs > Date.now() - LIVE_MS,
  }
}
