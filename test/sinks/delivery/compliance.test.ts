// The runtime of deliveries with a small server of our own; and the suite itself: bad sinks must fail it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ENVIRONMENT, REPOSITORY } from '../../support/cli.ts'
import { linesCompliance } from '../../support/lines-compliance.ts'

linesCompliance()

/** Ways to be bad, and the test of the suite that must see each. */
const BAD: readonly (readonly [string, string])[] = [
  ['loses-batches', 'the backend is killed in the middle'],
  ['repeats-batches', '1,000 records'],
  ['forgets-refused', 'some records are refused'],
  ['changes-numbers', '1,000 records'],
]

describe('a bad sink fails the suite', () => {
  for (const [bad, test] of BAD) {
    it(`one that ${bad.replace('-', ' ')}`, () => {
      const pattern = `/${test.replaceAll(/[^a-z0-9 ,]/g, '.')}$/`
      const words = ['--test', '--test-reporter=tap', `--test-name-pattern=${pattern}`]
      const { stdout, status } = spawnSync(
        process.execPath,
        [...words, join(REPOSITORY, 'test', 'support', 'bad-sink.ts')],
        { env: { ...ENVIRONMENT, NETALLY_BAD: bad }, encoding: 'utf8' },
      )
      assert.match(stdout, new RegExp(`not ok \\d+ - ${test}`), stdout)
      assert.notEqual(status, 0)
    })
  }
})
