// Signals of a running command: SIGINT/SIGTERM end it in order, a second one at once; SIGHUP re-reads maps and
// reopens files; SIGUSR1 prints the counters.
import type { Process } from './host.ts'

/** Shells' status of a process that a signal ended. */
const ENDED_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const

/** Installs the handlers; returns what removes them. */
export function handleSignals(shared: Process, stop: AbortController, printStats: () => void): () => void {
  const end = (signal: 'SIGINT' | 'SIGTERM') => {
    if (stop.signal.aborted) process.exit(ENDED_BY_SIGNAL[signal])
    stop.abort(signal)
  }
  const reload = () => {
    shared.reloads++
  }
  const handlers = { SIGINT: end, SIGTERM: end, SIGHUP: reload, SIGUSR1: printStats } as const
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal as NodeJS.Signals, handler as () => void)
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler as () => void)
  }
}
