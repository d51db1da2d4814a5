import { Args, Flags } from '@oclif/core'
import { NetallyCommand } from '../runtime/base-command.ts'
import { fieldViews, markdown, terminalTable } from '../runtime/fields-view.ts'

export default class Fields extends NetallyCommand {
  static override summary = 'list the fields of records: keys, pmacct primitives, types, elements'
  static override examples = ['netally fields', 'netally fields port', 'netally fields --json | jq .name']
  static override args = {
    word: Args.string({ description: 'only fields with this word in name or meaning', ignoreStdin: true }),
  }
  static override flags = {
    json: Flags.boolean({ summary: 'NDJSON, one field a line', exclusive: ['markdown'] }),
    markdown: Flags.boolean({ summary: 'a Markdown table' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Fields)
    const views = fieldViews(args.word)
    const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY
    if (flags.json) process.stdout.write(views.map(view => `${JSON.stringify(view)}\n`).join(''))
    else process.stdout.write(flags.markdown ? markdown(views) : terminalTable(views, width))
    if (views.length === 0) this.error(`no field has "${args.word}" in its name or meaning`, { exit: 1 })
  }
}
