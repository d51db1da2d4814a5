// What `npm test` ends with: node --test over test files, with our reporter.
//
//   node test/support/run-tests.ts [--update] [FILE...]            default: every *.test.ts of test/ and plugins/*/test/
//   node test/support/run-tests.ts --services [FILE...]            every *.service.ts: they start other programs
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** Files at a time; most of them wait for processes they started. */
const AT_ONCE = 3

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean' }, services: { type: 'boolean' } },
})
const kind = values.services ? 'service' : 'test'
const files = positionals.length > 0 ? positionals : [`test/**/*.${kind}.ts`, `plugins/*/test/**/*.${kind}.ts`]
const reporter = join(import.meta.dirname, 'summary-reporter.ts')
const { status } = spawnSync(
  process.execPath,
  ['--test', `--test-concurrency=${values.services ? 1 : AT_ONCE}`, `--test-reporter=${reporter}`, ...files],
  { stdio: 'inherit', env: { ...process.env, ...(values.update ? { UPDATE: '1' } : {}) } },
)
process.exitCode = status ?? 1
