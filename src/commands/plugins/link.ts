import { Args } from '@oclif/core'
import { ManageCommand } from '../../runtime/plugins/manage-command.ts'

export default class PluginsLink extends ManageCommand {
  static override summary = 'use the plugin in a folder, while you write it'
  static override examples = ['netally plugins link ../netally-plugin-hello']
  static override args = {
    folder: Args.string({ description: 'folder of the plugin', default: '.', ignoreStdin: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(PluginsLink)
    const { link } = await import('../../runtime/plugins/manage.ts')
    const { name, version } = link(args.folder)
    this.log(`${name} ${version} is linked`)
  }
}
