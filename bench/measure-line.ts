import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const RUNS = 3
const PROGRAM = join(import.meta.dirname, '..', 'bin', 'run.js')

/** CPU-seconds of `netally LINE` and what it starts: the median of three runs. Throws where it fails. */
export async function measureLine(line: string): Promise<number> {
  const seconds: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const script = `TIMEFORMAT='%U %S'; time "${process.execPath}" "${PROGRAM}" ${line} > /dev/null`
    const { stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${line}\n${stderr}`)
    const [user = '', system = ''] = stderr.trim().split('\n').at(-1)?.split(' ') ?? []
    seconds.push(Number(user) + Number(system))
  }
  return seconds.sort((a, b) => a - b)[RUNS >> 1] as number
}
