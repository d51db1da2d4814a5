// The arguments of mrt-read, and what they mean.
import { Args } from '@oclif/core'
import type { MrtOptions } from '../sources/mrt/mrt.ts'

export const MRT_ARGS = {
  file: Args.string({
    description: 'MRT files (gz, bz2, zst); - is standard input',
    required: true,
    multiple: true,
  }),
}

interface Parsed {
  readonly [name: string]: unknown
}

export function mrtOptions(parsed: Parsed): MrtOptions {
  const files = Array.isArray(parsed.file) ? parsed.file.map(String) : [String(parsed.file)]
  return { files, decoder: { compat: parsed.compat === 'pmacct' ? 'pmacct' : undefined } }
}
