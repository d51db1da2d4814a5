// Files that are maps of a running command: when one changed and then kept still, its stage reads it again.
import { stat } from 'node:fs/promises'

/** How often files are looked at. A change counts when the file is the same at the next look: its writer is done. */
export const LOOK_MS = 1000

interface Followed {
  readonly path: string
  readonly changed: () => void
  /** As it was at the last look. */
  seen: string
  isNew: boolean
}

/** What tells one state of a file from another; '' when there is none. */
async function stateOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return ''
  }
}

export class FollowedFiles {
  readonly #files: Followed[] = []
  #timer: NodeJS.Timeout | undefined
  #looking = false

  /** Calls `changed` each time that the file was replaced or written to. Does not keep the process alive. */
  async follow(path: string, changed: () => void): Promise<void> {
    this.#files.push({ path, changed, seen: await stateOf(path), isNew: false })
    this.#timer ??= setInterval(() => void this.look(), LOOK_MS).unref()
  }

  /** One look at all files; for tests. */
  async look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    for (const file of this.#files) await lookAt(file)
    this.#looking = false
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

async function lookAt(file: Followed): Promise<void> {
  const state = await stateOf(file.path)
  if (state !== file.seen) {
    file.seen = state
    file.isNew = true
  } else if (file.isNew && state !== '') {
    file.isNew = false
    file.changed()
  }
}
