// The symbolic link to the last finished file, changed in one step.
import { lstatSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Host } from '../../contract/host.ts'
import { giveTo, makeFolderOf, type Owner } from './owner.ts'

export function pointTo(link: string, file: string, owner: Owner | undefined, host: Host): void {
  const temporary = join(dirname(link), `.${basename(link)}.${process.pid}.link`)
  try {
    const there = lstatSync(link, { throwIfNoEntry: false })
    if (there && !there.isSymbolicLink()) throw new Error('it exists and is no symbolic link')
    makeFolderOf(link, owner)
    if (lstatSync(temporary, { throwIfNoEntry: false })) unlinkSync(temporary)
    symlinkSync(relative(dirname(link), file), temporary)
    giveTo(temporary, owner)
    renameSync(temporary, link)
  } catch (error) {
    host.report({
      note: true,
      code: 'dump/latest-failed',
      message: `cannot point "${link}" at "${file}": ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}
