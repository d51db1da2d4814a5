// Where plugins may be: this repository's own, beside netally in node_modules, and those that `netally plugins` keeps.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Folder of netally's package.json; the same from src/ and dist/. */
export const ROOT = join(import.meta.dirname, '..', '..', '..')
/** Names of packages that are looked for beside netally. */
export const PREFIX = 'netally-plugin-'

export type PlaceKind = 'workspace' | 'sibling' | 'installed' | 'linked'

export interface Place {
  readonly kind: PlaceKind
  /** Folder of the plugin's package.json. */
  readonly root: string
}

/** oclif's rule for the folder of a command's data. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.NETALLY_DATA_DIR) return environment.NETALLY_DATA_DIR
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'netally')
}

/** What `netally plugins` keeps: a package.json with the installed ones, links.json with the linked ones. */
export const pluginsFolder = (): string => join(dataFolder(), 'plugins')

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).map(name => join(folder, name))
  } catch {
    return []
  }
}

/** A file of JSON that may not be there; undefined as well when it is no object. */
export function readJson(path: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : undefined
  } catch {
    return undefined
  }
}

/** Roots of linked plugins, by name. */
export function linked(): { [name: string]: string } {
  return { ...(readJson(join(pluginsFolder(), 'links.json')) as { [name: string]: string } | undefined) }
}

/** Names of installed plugins, with what was asked for. */
export function installed(): { [name: string]: string } {
  return {
    ...(readJson(join(pluginsFolder(), 'package.json'))?.dependencies as { [name: string]: string } | undefined),
  }
}

/** Every folder with a plugin, those first that a user chose. */
export function places(): Place[] {
  const siblings = basename(dirname(ROOT)) === 'node_modules' ? foldersIn(dirname(ROOT)) : []
  const found: Place[] = [
    ...Object.values(linked()).map(root => ({ kind: 'linked' as const, root })),
    ...Object.keys(installed()).map(name => ({
      kind: 'installed' as const,
      root: join(pluginsFolder(), 'node_modules', name),
    })),
    ...foldersIn(join(ROOT, 'plugins')).map(root => ({ kind: 'workspace' as const, root })),
    ...siblings.filter(root => basename(root).startsWith(PREFIX)).map(root => ({ kind: 'sibling' as const, root })),
  ]
  return found.filter(({ root }) => existsSync(join(root, 'package.json')))
}
