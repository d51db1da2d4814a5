// The thread that receives goes before others: what is not received in time is lost, the rest can wait.
import { setPriority } from 'node:os'

const PRIORITY = -10

/** This thread, on Linux, where the user may; elsewhere all of the process would go before others, so nothing is done. */
export function hurry(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, PRIORITY)
  } catch {
    // Not without CAP_SYS_NICE.
  }
}
