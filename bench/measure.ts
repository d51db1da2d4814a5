import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** One run of a shell line and everything it started. */
export interface Measurement {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** The largest single process, sampled. */
  readonly rssMebibytes: number
  readonly exitCode: number
}

const SAMPLE_MS = 20
const COMPLAINT_CHARACTERS = 500
const CGROUP1_CPU = '/sys/fs/cgroup/cpuacct'
const CGROUP2 = '/sys/fs/cgroup'

/** Counts CPU time of processes that also outlive their parent; without a writable cgroup bash's `times` has to do. */
interface CpuMeter {
  readonly enter: string
  pids(root: number): number[]
  cpuSeconds(): number
  close(): Promise<void>
}

const writable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

let meters = 0

function cgroupMeter(): CpuMeter | undefined {
  const version1 = existsSync(CGROUP1_CPU)
  const root = version1 ? CGROUP1_CPU : CGROUP2
  if (!writable(root) || !(version1 || existsSync(`${CGROUP2}/cpu.stat`))) return undefined
  const folder = `${root}/netally-bench-${process.pid}-${meters++}`
  mkdirSync(folder)
  const pids = (): number[] => readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)
  return {
    enter: `echo $$ > ${folder}/cgroup.procs; `,
    pids,
    cpuSeconds: () =>
      version1
        ? Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e9
        : Number(/usage_usec (\d+)/.exec(readFileSync(`${folder}/cpu.stat`, 'utf8'))?.[1]) / 1e6,
    async close() {
      while (pids().length > 0) await sleep(SAMPLE_MS)
      rmdirSync(folder)
    },
  }
}

export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .flatMap(child => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}

/** VmHWM in MiB, 0 when the process has gone. */
function peakRss(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The second line of `times` is what the waited-for children used: 1m2.345s 0m0.678s. */
function timesSeconds(text: string): number {
  const seconds = [...text.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
  return seconds.reduce((sum, part) => sum + part, 0)
}

export interface Running {
  readonly child: ChildProcess
  readonly cpuSeconds: () => number
  /** The most that the largest process had so far. */
  readonly rssMebibytes: () => number
  /** To every process of the line. */
  readonly signal: (name: NodeJS.Signals) => void
  readonly done: Promise<Measurement>
}

/** Starts `line` under bash. `variables` are added to the environment. */
export function start(line: string, variables: Readonly<Record<string, string>>): Running {
  const meter = cgroupMeter()
  const from = performance.now()
  const child = spawn('bash', ['-c', `${meter?.enter ?? ''}set -o pipefail; ${line}\ncode=$?; times >&3; exit $code`], {
    env: { ...process.env, TZ: 'UTC0', ...variables },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let times = ''
  let complaints = ''
  child.stdio[3]?.on('data', bytes => {
    times += String(bytes)
  })
  child.stderr?.on('data', bytes => {
    complaints = (complaints + String(bytes)).slice(-4096)
  })
  let rssMebibytes = 0
  const pids = (): number[] => meter?.pids(child.pid ?? 0) ?? childrenOf(child.pid ?? 0)
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of pids()) if (pid !== child.pid) process.kill(pid, name)
  }
  return {
    child,
    cpuSeconds: () => meter?.cpuSeconds() ?? 0,
    rssMebibytes: () => rssMebibytes,
    signal,
    done: follow(),
  }

  async function follow(): Promise<Measurement> {
    let exitCode: number | undefined
    child.on('close', code => {
      exitCode = code ?? 128
    })
    while (exitCode === undefined || (meter && pids().length > 0)) {
      for (const pid of pids()) rssMebibytes = Math.max(rssMebibytes, peakRss(pid))
      await sleep(SAMPLE_MS)
    }
    const wallSeconds = (performance.now() - from) / 1000
    const cpuSeconds = meter?.cpuSeconds() ?? timesSeconds(times)
    await meter?.close()
    if (exitCode !== 0)
      process.stderr.write(`exit ${exitCode}: ${line}\n${complaints.slice(0, COMPLAINT_CHARACTERS)}\n`)
    return { cpuSeconds, wallSeconds, rssMebibytes, exitCode }
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
