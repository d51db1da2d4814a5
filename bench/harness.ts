import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { differences, readOutput } from './check.ts'
import { dataFolder, type KnownSums, makeInputs } from './generate.ts'
import { type Measurement, median, start } from './measure.ts'
import { nfcapdFile } from './nfcapd.ts'
import type { Sums } from './sums.ts'
import type { Tool, Work } from './works.ts'

export const benchFolder = import.meta.dirname
const outputFolder = join(benchFolder, 'out')
const TINY_INPUT = 'nf9-tiny.pcap'
const MILLION = 1e6

export interface Result {
  readonly tool: string
  /** Per million records; NaN when the tool did not run. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly rssMebibytes: number
  /** What is wrong with the result; absent when it is right. */
  readonly wrong?: string
}

export interface Bench {
  readonly folder: string
  readonly sums: KnownSums
  readonly runs: number
}

export const report = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('bash', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Inputs in our own folder are made when they are missing; those of another folder must be there. */
export function inputOf(bench: Bench, name: string): { path: string; sums: Sums | undefined } {
  if (bench.folder === dataFolder) Object.assign(bench.sums, makeInputs([name], report))
  const known = bench.sums[name]
  // Start-up is measured on an input of ours, whatever the folder.
  if (known === undefined && name === TINY_INPUT)
    return { path: join(dataFolder, name), sums: makeInputs([name], report)[name] }
  return { path: join(bench.folder, name), sums: known }
}

export const variables = (input: string, output: string, nfcapd = ''): Record<string, string> => ({
  IN: input,
  OUT: output,
  NFCAPD: nfcapd,
  NODE: process.execPath,
  BENCH: benchFolder,
  NETALLY: `${process.execPath} ${join(benchFolder, '..', 'bin', 'run.js')}`,
})

const outputPath = (tool: Tool): string => join(outputFolder, tool.name.replace(/[^a-z0-9]+/gi, '-'))

/** Prepares everything a tool reads, runs it once into a file and compares that with the known sums. */
export async function prepare(bench: Bench, work: Work, tool: Tool): Promise<{ run: Run; wrong?: string }> {
  const { path, sums } = inputOf(bench, tool.input ?? work.input)
  if (sums === undefined) return { run: () => Promise.reject(), wrong: 'no known sums' }
  mkdirSync(outputFolder, { recursive: true })
  const needsNfcapd = tool.line.includes('$NFCAPD')
  const nfcapdFolder = join(dataFolder, `nfcapd-${basename(bench.folder)}-${basename(path)}`)
  const nfcapd = needsNfcapd ? await nfcapdFile(path, nfcapdFolder) : ''
  const file = outputPath(tool)
  const runInto = async (output: string, input = path): Promise<Measurement> => {
    if (output === file) rmSync(file, { force: true })
    return start(tool.line, variables(input, output, nfcapd)).done
  }
  const wrong = await verify(await runInto(file), file, tool, work, sums)
  const measured = work.longOutput && !tool.needsFile ? '/dev/null' : file
  const run = async (): Promise<Result> => {
    const startUp = tool.startUpFree ? await runInto(file, inputOf(bench, TINY_INPUT).path) : undefined
    const { cpuSeconds, wallSeconds, rssMebibytes, exitCode } = await runInto(measured)
    const perMillion = ((cpuSeconds - (startUp?.cpuSeconds ?? 0)) / sums.records) * MILLION
    const result = { tool: tool.name, cpuSeconds: perMillion, wallSeconds, rssMebibytes }
    return exitCode === 0 ? result : { ...result, wrong: `exit ${exitCode}` }
  }
  return wrong === undefined ? { run } : { run, wrong }
}

export type Run = () => Promise<Result>

async function verify(
  measured: Measurement,
  file: string,
  tool: Tool,
  work: Work,
  sums: Sums,
): Promise<string | undefined> {
  if (measured.exitCode !== 0) return `exit ${measured.exitCode}`
  try {
    const wrong = differences(await readOutput(file, tool.reader), sums, work.expectation, tool.tolerance)
    return wrong.length > 0 ? wrong.join(', ') : undefined
  } catch (error) {
    return `output not readable: ${String(error)}`
  } finally {
    rmSync(file, { force: true })
  }
}

const medianOf = (results: readonly Result[], wrong: string | undefined): Result => ({
  tool: results[0]?.tool ?? '',
  cpuSeconds: median(results.map(result => result.cpuSeconds)),
  wallSeconds: median(results.map(result => result.wallSeconds)),
  rssMebibytes: Math.max(...results.map(result => result.rssMebibytes)),
  ...(wrong === undefined ? {} : { wrong }),
})

/** The tools of one work take turns, so that all of them meet the same machine. A wrong tool is not run again. */
export async function measureWork(bench: Bench, work: Work, wanted: (tool: Tool) => boolean): Promise<Result[]> {
  const isThere = ({ input = work.input }: Tool): boolean => inputOf(bench, input).sums !== undefined
  const tools = work.tools.filter(
    tool => wanted(tool) && isThere(tool) && (tool.needs === undefined || isInstalled(tool.needs)),
  )
  const ready = []
  for (const tool of tools) ready.push({ tool, results: [] as Result[], ...(await prepare(bench, work, tool)) })
  for (let turn = 0; turn < bench.runs; turn++) {
    for (const one of ready) if (one.wrong === undefined) one.results.push(await one.run())
  }
  return ready.map(one => {
    const wrong = one.wrong ?? one.results.find(result => result.wrong !== undefined)?.wrong
    return { ...medianOf(one.results, wrong), tool: one.tool.name }
  })
}
