import type { Result } from './harness.ts'
import type { Work } from './works.ts'

const COLUMNS = [
  ['work / tool', 50],
  ['CPU-s/M', 9],
  ['wall s', 8],
  ['RSS MiB', 8],
  ['x best peer', 12],
  ['target', 8],
  ['', 8],
  ['at anchor speed', 16],
] as const

export const row = (cells: readonly string[]): string =>
  COLUMNS.map(([, width], index) => {
    const cell = cells[index] ?? ''
    return index === 0 ? cell.padEnd(width) : cell.padStart(width)
  })
    .join(' ')
    .trimEnd()

export const heading = (): string => row(COLUMNS.map(([name]) => name))
export const verdict = (met: boolean): string => (met ? 'met' : 'not met')

const isNetally = (result: Result): boolean => result.tool.startsWith('netally')

/**
 * The lines of one work. The ratio is to the cheapest other tool with a right result. `at anchor speed` is what the work
 * would take if the machine were as fast as it was when the anchors were measured, judged by the anchor's tool.
 */
export function workLines(work: Work, results: readonly Result[]): string[] {
  const peers = results.filter(result => !isNetally(result) && result.wrong === undefined)
  const best = Math.min(...peers.map(result => result.cpuSeconds))
  const anchor = peers.find(result => result.tool === work.anchor?.tool)
  const slowness = anchor && work.anchor ? anchor.cpuSeconds / work.anchor.cpuSeconds : undefined
  const line = (result: Result): string => {
    if (result.wrong !== undefined) return row([`  ${result.tool}`, 'WRONG']) + `  ${result.wrong}`
    const ratio = Number.isFinite(best) ? (result.cpuSeconds / best).toFixed(2) : ''
    const scaled = slowness === undefined ? Number.NaN : result.cpuSeconds / slowness
    const atAnchor = Number.isNaN(scaled) ? '' : `${scaled.toFixed(2)} ${verdict(scaled <= work.target)}`
    const goal = isNetally(result) ? [work.target.toFixed(2), verdict(result.cpuSeconds <= work.target), atAnchor] : []
    const [cpu, wall, rss] = [
      result.cpuSeconds.toFixed(2),
      result.wallSeconds.toFixed(2),
      result.rssMebibytes.toFixed(0),
    ]
    return row([`  ${result.tool}`, cpu, wall, rss, ratio, ...goal])
  }
  return [`${work.name} (${work.input})`, ...results.map(line)]
}
