import { Args } from '@oclif/core'
import { ManageCommand } from '../../runtime/plugins/manage-command.ts'

export default class PluginsUninstall extends ManageCommand {
  static override summary = 'remove a plugin that was installed or linked'
  static override examples = ['netally plugins uninstall netally-plugin-sink-kafka']
  static override args = { name: Args.string({ description: 'name of the plugin', required: true, ignoreStdin: true }) }

  async run(): Promise<void> {
    const { args } = await this.parse(PluginsUninstall)
    const { uninstall } = await import('../../runtime/plugins/manage.ts')
    await uninstall(args.name)
    this.log(`${args.name} is removed`)
  }
}
