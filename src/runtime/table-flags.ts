// The flags of dump that keep a routing table, and what they mean.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { MAX_ROUTES } from '../lookup/route-table.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import type { DumpFormat, TableOptions } from '../sinks/dump.ts'

const TABLES = { helpGroup: 'TABLES' }

export const TABLE_FLAGS = {
  table: Flags.boolean({
    summary:
      'keep a table - routes of BGP and BMP, last values of telemetry - and write it whole, every --every and at the end',
    ...TABLES,
  }),
  spread: Flags.string({
    summary: 'spread the writing of a table over so much time (default: as fast as it goes)',
    helpValue: '60s',
    dependsOn: ['table'],
    ...TABLES,
  }),
  restore: Flags.string({
    summary: 'begin with the table of this dump (json, may be gz or zst); none is no failure',
    helpValue: 'FILE',
    dependsOn: ['table'],
    ...TABLES,
  }),
  serve: Flags.string({
    summary: 'answer `netally rib unix:PATH ...` on this unix socket',
    helpValue: 'unix:PATH',
    dependsOn: ['table'],
    ...TABLES,
  }),
  statistics: Flags.boolean({
    summary: 'statistics of BMP in the dumps',
    default: true,
    allowNo: true,
    ...TABLES,
  }),
  'max-routes': Flags.integer({
    summary: 'routes beyond so many are dropped',
    default: MAX_ROUTES,
    min: 1,
    max: MAX_ROUTES,
    ...TABLES,
  }),
  'max-leaves': Flags.integer({
    summary: 'leaves of telemetry beyond so many are dropped',
    helpValue: 'N',
    default: 1_000_000,
    min: 1,
    max: 20_000_000,
    ...TABLES,
  }),
  'max-age': Flags.string({
    summary: 'a leaf of telemetry that is not told again for so long is gone (default: it stays)',
    helpValue: '15m',
    dependsOn: ['table'],
    ...TABLES,
  }),
}

interface Parsed {
  readonly [name: string]: unknown
}

function wrong(flag: string, message: string, hint: string): ProblemError {
  return new ProblemError({ code: `usage/bad-${flag}`, message, hint })
}

/** 0 without the flag. */
function durationMs(flag: 'spread' | 'max-age', value: unknown): number {
  if (value === undefined) return 0
  const seconds = durationSeconds(String(value))
  if (seconds === undefined)
    throw wrong(flag, `--${flag} "${String(value)}" is no time`, 'write a number and a unit: 60s')
  return seconds * 1000
}

/** Path of `unix:PATH`. */
export function socketPath(text: string): string | undefined {
  const path = text.startsWith('unix:') ? text.slice(5) : ''
  return path === '' ? undefined : path
}

function servePath(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const path = socketPath(String(value))
  if (!path)
    throw wrong('serve', `--serve "${String(value)}" is no unix socket`, 'write unix: and a path: unix:/run/rib.sock')
  return path
}

/** Undefined without --table; throws a ProblemError. */
export function tableOptions(parsed: Parsed, format: DumpFormat): TableOptions | undefined {
  if (format === 'mrt' && parsed.table !== true)
    throw wrong('format', 'only tables of routes can be written as mrt', 'add --table, or choose json')
  if (format === 'mrt' && parsed.markers === true)
    throw wrong('markers', '--markers have no place in an mrt file', 'leave --markers out')
  if (parsed.table !== true) return undefined
  return {
    spreadMs: durationMs('spread', parsed.spread),
    maxLeaves: Number(parsed['max-leaves']),
    maxAgeMs: durationMs('max-age', parsed['max-age']),
    maxRoutes: Number(parsed['max-routes']),
    withoutStatistics: parsed.statistics === false,
    restore: parsed.restore as string | undefined,
    serve: servePath(parsed.serve),
  }
}
