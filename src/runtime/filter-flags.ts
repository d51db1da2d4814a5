// The flags of filter, and the files it copies to.
import { Args, Flags } from '@oclif/core'
import type { Needs } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import type { Stream } from '../contract/record.ts'
import { type Expression, fieldsRead } from '../filter/expression.ts'
import { parseOrThrow } from '../filter/parse.ts'
import { filter, filterOperator } from '../operators/filter.ts'
import { openRecordFile } from '../sinks/record-file.ts'

export const FILTER_ARGS = {
  expression: Args.string({ required: true, description: 'pcap-filter primitives and comparisons of fields' }),
}

export const FILTER_FLAGS = {
  pass: Flags.string({ summary: 'write the records that pass to a file too', helpValue: 'FILE' }),
  fail: Flags.string({ summary: 'write the records that fail to a file', helpValue: 'FILE' }),
}

export interface FilterCommandOptions {
  readonly expression: Expression
  readonly pass: string | undefined
  readonly fail: string | undefined
}

export function filterOptions(parsed: { readonly [name: string]: unknown }): FilterCommandOptions {
  return {
    expression: parseOrThrow(String(parsed.expression)),
    pass: parsed.pass as string | undefined,
    fail: parsed.fail as string | undefined,
  }
}

export function filterNeeds({ expression, pass, fail }: FilterCommandOptions, wanted: Needs): Needs {
  if (pass !== undefined || fail !== undefined) return { fields: fieldsRead(expression), rest: true }
  return filterOperator.needs?.({ expression }, wanted) ?? wanted
}

/** The operator, with its files opened when the stream starts and closed when it ends. */
export async function* filterToFiles(input: Stream, options: FilterCommandOptions, host: Host): Stream {
  const { expression } = options
  const pass = options.pass === undefined ? undefined : openRecordFile(options.pass)
  const fail = options.fail === undefined ? undefined : openRecordFile(options.fail)
  try {
    yield* filter(
      input,
      { expression, ...(pass ? { pass: pass.write } : {}), ...(fail ? { fail: fail.write } : {}) },
      host,
    )
  } finally {
    await pass?.close()
    await fail?.close()
  }
}
