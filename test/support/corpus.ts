// The corpus beside the repository (../shared/corpus, or NETALLY_CORPUS), as its own compare.py judges it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { REPOSITORY, scratch } from './cli.ts'

export const CORPUS = process.env.NETALLY_CORPUS ?? join(REPOSITORY, '..', 'shared', 'corpus')
export const CASES = join(CORPUS, 'cases')

export interface Meta {
  readonly id: string
  readonly protocol: readonly string[]
  readonly ports: readonly number[]
  readonly assertable: readonly string[]
  readonly aggregate?: readonly string[]
  readonly oracle177?: { readonly aggregate: readonly string[] }
  readonly tshark_flow_records?: number | null
  readonly tshark_options_records?: number | null
  readonly tshark_counter_samples?: number | null
}

const python = spawnSync('python3', ['--version']).status === 0
export const skipCorpus = !existsSync(CASES) && 'no corpus beside the repository; NETALLY_CORPUS names another place'
export const skipCompare = skipCorpus || (!python && 'compare.py needs python3')

/** Cases of a protocol; none where there is no corpus. */
export function metas(protocol: string): Meta[] {
  if (skipCorpus) return []
  return globSync('*/meta.json', { cwd: CASES })
    .sort()
    .map(path => JSON.parse(readFileSync(join(CASES, path), 'utf8')) as Meta)
    .filter(meta => meta.protocol.includes(protocol))
}

/** Fails unless compare.py finds the rows in `actual` to be those that the case expects. */
export function assertExpected(meta: Meta, kind: string, actual: string, context: TestContext, told: string): void {
  const path = join(scratch(context), 'actual.ndjson')
  writeFileSync(path, actual)
  const words = [join(CORPUS, 'compare.py'), join(CASES, meta.id), kind, path]
  const compared = spawnSync('python3', words, { encoding: 'utf8' })
  assert.equal(compared.status, 0, `${told}\n${compared.stdout}${compared.stderr}`)
}
