import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { blast, readDatagrams } from './blaster.ts'
import { childrenOf, start } from './measure.ts'

const PORT = 29955
/** Slow enough that nfcapd loses nothing. */
const DATAGRAMS_PER_SECOND = 10_000
const SETTLE_MS = 1500

const finishedFile = (folder: string): string | undefined =>
  existsSync(folder) ? readdirSync(folder).find(name => /^nfcapd\.\d+$/.test(name)) : undefined

/** nfdump reads only files of nfcapd, which in Debian reads only UDP: plays the capture to it once. */
export async function nfcapdFile(capture: string, folder: string): Promise<string> {
  const present = finishedFile(folder)
  if (present !== undefined) return join(folder, present)
  mkdirSync(folder, { recursive: true })
  const running = start(`nfcapd -b 127.0.0.1 -p ${PORT} -w ${folder} -t 3600 -B 4000000 > ${folder}/log 2>&1`, {})
  await sleep(SETTLE_MS)
  await blast(readDatagrams(capture), PORT, DATAGRAMS_PER_SECOND)
  await sleep(SETTLE_MS)
  for (const pid of childrenOf(running.child.pid ?? 0)) process.kill(pid, 'SIGTERM')
  await running.done
  return join(folder, finishedFile(folder) ?? 'missing')
}
