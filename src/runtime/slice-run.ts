// `netally slice`: records in, the packets behind them out.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { readLines } from '../fields/line-reader.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { sliceCaptures } from '../sources/packet/slice-captures.ts'
import { openFile } from '../stream/file-input.ts'
import { standardInput } from '../stream/input.ts'
import { standardOutput } from '../stream/output.ts'
import { Slice } from '../wire/packet/slice.ts'
import type { StageHost } from './host.ts'

export const SLICE_FLAGS = {
  records: Flags.string({ summary: 'NDJSON records; - is standard input', helpValue: 'FILE', default: '-' }),
  slack: Flags.string({
    summary: 'times of records may be off by so much',
    helpValue: 'DURATION',
    default: '0s',
  }),
  templates: Flags.boolean({
    summary: 'with records of flow-recv: datagrams with templates of the same exporters, too',
    default: false,
  }),
}

interface SliceRequest {
  readonly captures: readonly string[]
  readonly records: string
  readonly slack: string
  readonly templates: boolean
}

async function readRecords(path: string, slice: Slice, host: StageHost): Promise<void> {
  const input = path === '-' ? standardInput() : openFile(path)
  for await (const batch of readLines(input, host, {
    heartbeat: false,
    name: path === '-' ? 'standard input' : path,
  })) {
    for (const record of batch.records) host.count(slice.add(record) ? 'records' : 'records-without-ends')
  }
}

/** Writes the packets to standard output. Throws a ProblemError. */
export async function runSlice({ captures, records, slack, templates }: SliceRequest, host: StageHost): Promise<void> {
  if (captures.length === 0) {
    throw new ProblemError({
      code: 'usage/no-packets',
      message: 'no capture to slice',
      hint: 'netally slice CAPTURE < records.ndjson',
    })
  }
  const seconds = durationSeconds(slack)
  if (seconds === undefined) {
    throw new ProblemError({
      code: 'usage/bad-duration',
      message: `--slack "${slack}" is no duration`,
      hint: 'as in 1s',
    })
  }
  if (process.stdout.isTTY === true) {
    throw new ProblemError({
      code: 'usage/terminal',
      message: 'packets are not for a terminal',
      hint: 'netally slice ... > slice.pcap, or | tcpdump -r -',
    })
  }
  const slice = new Slice(seconds * 1e6, templates)
  await readRecords(records, slice, host)
  const output = standardOutput()
  for await (const piece of sliceCaptures(captures, slice, host)) await output.write(piece)
}
