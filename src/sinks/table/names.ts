// Names of a database's tables: fixed, or with the time of the record's interval in them.
import { isProblem, ProblemError } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { intervalStart } from '../calendar.ts'
import { namePattern } from '../name-pattern.ts'
import { recordTimeMs } from '../record-name.ts'

export interface TableNames {
  /** The only name; undefined where the name has a time in it. */
  readonly fixed: string | undefined
  /** `fallbackMs` is the time of a record that says nothing about its own. */
  of(record: NetRecord, fallbackMs: number): string
}

export interface TableNameOptions {
  readonly template: string
  /** Length of a table's interval, ms; 0 = as the name says. */
  readonly everyMs: number
  readonly localTime: boolean
}

const bad = (template: string): ProblemError =>
  new ProblemError({
    code: 'usage/bad-table',
    message: `"${template}" cannot name a table`,
    hint: 'use letters, digits, _ and the time variables %Y %m %d %H %M ...; 63 at most',
  })

/** Throws a ProblemError when the template gives no plain name. */
export function tableNames({ template, everyMs, localTime }: TableNameOptions): TableNames {
  const pattern = namePattern(template, { everyMs, localTime })
  if (isProblem(pattern)) throw new ProblemError(pattern)
  const sample = pattern.render(0, [])
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(sample) || pattern.fields.length > 0) throw bad(template)
  if (pattern.stepMs === 0) return { fixed: sample, of: () => sample }
  const stepMs = everyMs || pattern.stepMs
  let [fromMs, untilMs, name] = [0, 0, '']
  return {
    fixed: undefined,
    of(record, fallbackMs) {
      const timeMs = recordTimeMs(record) ?? fallbackMs
      if (timeMs < fromMs || timeMs >= untilMs) {
        fromMs = intervalStart(timeMs, stepMs, localTime)
        untilMs = fromMs + stepMs
        name = pattern.render(fromMs, [])
      }
      return name
    },
  }
}
