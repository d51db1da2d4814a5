// Flags of every command that writes records: which fields, in which form.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { ENCODING_SWITCHES, type Encodings, encodingsOf, type TimeFormat } from '../fields/present.ts'
import { someWords } from './parsed.ts'
import type { PresentationOptions } from './presentation.ts'

const GROUP = { helpGroup: 'OUTPUT' }

export const PRESENTATION_FLAGS = {
  fields: Flags.string({
    summary: 'write only these fields (names or pmacct primitives, comma-separated)',
    helpValue: 'a,b',
    ...GROUP,
  }),
  compat: Flags.string({
    summary: "write pmacct's exact JSON: its defaults, joined lists, text times",
    options: ['pmacct'],
    ...GROUP,
  }),
  timestamps: Flags.string({
    summary: 'form of times: epoch seconds (default), rfc3339, or pmacct text in local time',
    options: ['epoch', 'rfc3339', 'pmacct'],
    ...GROUP,
  }),
  'timestamps-secs': Flags.boolean({
    summary: "cut times to whole seconds, as pmacct's timestamps_secs; age of NetFlow v5 and v9 flows too",
    ...GROUP,
  }),
  encode: Flags.string({
    summary:
      'other forms of single fields, comma-separated: tcp_flags=array, fwd_status=text, mpls_label_stack=array, comms=array, comms=number, as_path=array, label=map, ip_proto=number, origin=number, tos=dscp',
    helpValue: 'FIELD=FORM',
    ...GROUP,
  }),
}

function encodings(text: unknown): Encodings | undefined {
  const pairs = someWords(text)
  if (!pairs) return undefined
  for (const pair of pairs) {
    if (!ENCODING_SWITCHES.includes(pair)) {
      throw new ProblemError({
        code: 'usage/bad-encoding',
        message: `--encode does not know "${pair}"`,
        hint: `it knows ${ENCODING_SWITCHES.join(', ')}`,
      })
    }
  }
  return encodingsOf(pairs)
}

export function presentationOptions(parsed: { readonly [name: string]: unknown }): PresentationOptions {
  return {
    fields: someWords(parsed.fields),
    compat: parsed.compat as 'pmacct' | undefined,
    timestamps: parsed.timestamps as TimeFormat | undefined,
    wholeSeconds: parsed['timestamps-secs'] === true,
    encode: encodings(parsed.encode),
  }
}
