// Problems on stderr: what is wrong, where, what to do; at most one line a second a code, the rest is counted.
import type { Problem } from '../contract/problem.ts'

const QUIET_MS = 1000
/** Codes come from our source, so there are few; a plugin that makes them up is held here. */
const CODES = 1000

export interface ProblemLog {
  report(command: string, problem: Problem): void
  /** Says how many reports were held back. */
  close(): void
}

/** The lines of a problem as people read them. */
export function problemText(command: string, { message, hint, reference, code }: Problem): string {
  const [first = '', ...rest] = message.split('\n')
  const lines = [`netally ${command}: ${first} [${code}]`, ...rest]
  if (hint) lines.push(`  try: ${hint}`)
  if (reference) lines.push(`  see: ${reference}`)
  return `${lines.join('\n')}\n`
}

export function problemLog(write: (text: string) => void, clock: () => number): ProblemLog {
  const seen = new Map<string, { nextMs: number; held: number }>()
  return {
    report(command, problem) {
      const key = `${command} ${problem.code}`
      const entry = seen.get(key)
      const nowMs = clock()
      if (entry && nowMs < entry.nextMs) {
        entry.held++
        return
      }
      if (!entry && seen.size >= CODES) return
      const more = entry && entry.held > 0 ? `  (and ${entry.held} like it since the last)\n` : ''
      write(problemText(command, problem) + more)
      seen.set(key, { nextMs: nowMs + QUIET_MS, held: 0 })
    },
    close() {
      for (const [key, { held }] of seen) {
        if (held > 0) write(`netally ${key.replace(' ', ': ')}: ${held} more like it\n`)
      }
    },
  }
}
