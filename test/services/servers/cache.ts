// What servers are installed into: a folder outside the repository, used again by the next run and by other checkouts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * NETALLY_SERVERS_CACHE, or the user's cache. Of root it is one that other users may read: some servers refuse to run as
 * root, and none of them may look into root's home.
 */
export function cacheFolder(): string {
  const { NETALLY_SERVERS_CACHE: told, XDG_CACHE_HOME: caches = join(homedir(), '.cache') } = process.env
  const folder = told || (process.getuid?.() === 0 ? '/var/cache/netally-servers' : join(caches, 'netally-servers'))
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Does something alone: other processes wait. The lock ends with this process, however it ends. */
export async function locked<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const holder = spawn('flock', [join(cacheFolder(), `${name}.lock`), 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = once(holder, 'close')
  await once(holder.stdout, 'data')
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await gone
  }
}

const COMPLETE = '.complete'

/** An entry of the cache; made when it is not there, and made anew when its making was cut short. */
export function cached(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name)
  return locked(name, async () => {
    if (existsSync(join(folder, COMPLETE))) return folder
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    await make(folder)
    writeFileSync(join(folder, COMPLETE), '')
    return folder
  })
}
