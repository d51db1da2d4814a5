// What is wrong with a map file, row by row: rows that cannot be read, and rows that nothing reaches.
import { readFile } from 'node:fs/promises'
import { isProblem, type Problem, ProblemError } from '../contract/problem.ts'
import { AgentMap } from './agent-map.ts'
import { guessKind } from './guess-kind.ts'
import { isRuled, KINDS, type KindName, type Ruled } from './kinds.ts'
import { readForm } from './read-map.ts'
import { badRow, type RowProblem } from './row-problem.ts'
import { unreachable } from './unreachable.ts'

export interface CheckedMap {
  readonly file: string
  readonly kind: KindName
  /** Made of the rows that can be read; undefined when the file is no map at all. */
  readonly map: object | undefined
  /** In the order of lines. */
  readonly problems: readonly (RowProblem | Problem)[]
}

/** Reads and checks a map; throws a ProblemError when the file cannot be read. */
export async function checkMap(path: string, wanted?: KindName): Promise<CheckedMap> {
  const content = await textOf(path)
  const problems: (RowProblem | Problem)[] = []
  const bad = problems as RowProblem[]
  const form = await readForm(content, path, bad)
  if (isProblem(form)) return { file: path, kind: wanted ?? 'pre_tag_map', map: undefined, problems: [form] }
  const kind = wanted ?? guessKind(form, path)
  const row = KINDS[kind]
  const map = row.parse('ownCsv' in row && /\.csv$/i.test(path) ? content : form, path, bad)
  if (isProblem(map)) return { file: path, kind, map: undefined, problems: [...problems, map] }
  if (isRuled(map)) problems.push(...unreachableRows(map))
  problems.sort((a, b) => lineOf(a) - lineOf(b))
  return { file: path, kind, map, problems }
}

const lineOf = (problem: RowProblem | Problem): number => ('line' in problem ? problem.line : 0)

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new ProblemError({ code: 'maps/unreadable', message: `cannot read the map "${path}": ${error.message}` })
  }
}

function unreachableRows(map: Ruled): RowProblem[] {
  const { rules } = map.rules
  const targets = 'jumpTargets' in map ? map.jumpTargets : []
  // Rows of agents with the same conditions take over from each other.
  const isNext = (number: number, before: number) => map instanceof AgentMap && map.takesOver(number, before)
  const found = [...unreachable(rules, targets)].filter(([number, before]) => !isNext(number, before))
  return found.map(([number, before]) => {
    const { line, text } = rules[number] as (typeof rules)[number]
    const inTheWay = rules[before] as (typeof rules)[number]
    const what = `nothing gets to this row: line ${inTheWay.line} fits whatever it fits (${inTheWay.text})`
    return {
      ...badRow(map.file, { line, text }, what, `put it before line ${inTheWay.line}, or take it out`),
      code: 'maps/unreachable-row',
    }
  })
}
