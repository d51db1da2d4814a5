// Golden cases, test/cases/<command>/<what it shows>.md: each runs as processes joined by pipes, and fused in one process.
// `npm test -- --update` rewrites what they expect; read the difference before you commit it.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Ended, isInstalled, netally, REPOSITORY, scratch, shell } from './support/cli.ts'
import { type Block, fusedLine, type GoldenCase, hexOctets, parseCase, rewriteCase } from './support/golden-case.ts'

const FOLDER = join(import.meta.dirname, 'cases')
const UPDATE = process.env.UPDATE === '1'
/** Cases hold for every version. */
const VERSION = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')).version as string
const withoutVersion = (text: string): string =>
  text.replaceAll(`"software-version":"${VERSION}"`, '"software-version":"VERSION"')
/** Start-up is most of a case's time. */
const AT_ONCE = 4

interface Outcome {
  readonly status: Ended['status']
  readonly stdout: string
  readonly stderr: string
  /** Content of written files by name; undefined when a file is not there. */
  readonly written: { readonly [name: string]: string | undefined }
}

const named = (golden: GoldenCase, kind: Block['kind']): Block[] => golden.blocks.filter(block => block.kind === kind)
const textOf = (golden: GoldenCase, kind: Block['kind']): string =>
  named(golden, kind)
    .map(({ text }) => text)
    .join('')

/** Runs the lines of a case in a folder of their own, one after the other. */
async function perform(
  golden: GoldenCase,
  context: TestContext,
  run: (line: string, input: string, folder: string) => Promise<Ended>,
): Promise<Outcome> {
  const folder = scratch(context)
  symlinkSync(join(REPOSITORY, 'examples'), join(folder, 'examples'))
  for (const { name, language, text } of named(golden, 'file')) {
    writeFileSync(join(folder, name), language === 'hex' ? hexOctets(text) : text)
  }
  let status: Ended['status'] = 0
  let stdout = ''
  let stderr = ''
  for (const [index, line] of golden.commands.entries()) {
    const result = await run(line, index === 0 ? textOf(golden, 'input') : '', folder)
    status = result.status
    stdout += withoutVersion(result.stdout)
    stderr += result.stderr
  }
  const written: { [name: string]: string | undefined } = {}
  for (const { name } of named(golden, 'written')) {
    const path = join(folder, name)
    written[name] = existsSync(path) ? withoutVersion(readFileSync(path, 'utf8')) : undefined
  }
  return { status, stdout, stderr, written }
}

const piped = (line: string, input: string, folder: string) => shell(line, input, { cwd: folder })
const fused = (line: string, input: string, folder: string) =>
  netally(['run', '--replay', fusedLine(line) as string], input, { cwd: folder })

function expected(golden: GoldenCase): Outcome {
  const written = Object.fromEntries(named(golden, 'written').map(({ name, text }) => [name, text]))
  return { status: golden.status, stdout: textOf(golden, 'output'), stderr: textOf(golden, 'stderr'), written }
}

/** A fused line's failure may be told by `run` where the pipe has the stage's own name. */
function asToldByRun(stderr: string, actual: string): string {
  const lines = actual.split('\n')
  return stderr
    .split('\n')
    .map((line, at) =>
      lines[at]?.startsWith('netally run: ') ? line.replace(/^netally [a-z-]+: /, 'netally run: ') : line,
    )
    .join('\n')
}

function update(path: string, text: string, golden: GoldenCase, outcome: Outcome): void {
  const fresh: { [kind: string]: (name: string) => string } = {
    output: () => outcome.stdout,
    stderr: () => outcome.stderr,
    written: name => outcome.written[name] ?? '',
  }
  for (const block of golden.blocks) block.text = fresh[block.kind]?.(block.name) ?? block.text
  writeFileSync(path, rewriteCase(text, golden.blocks))
}

describe('cases', { concurrency: AT_ONCE }, () => {
  for (const name of globSync('**/*.md', { cwd: FOLDER }).sort()) {
    const path = join(FOLDER, name)
    const text = readFileSync(path, 'utf8')
    const golden = parseCase(text)
    const skip = golden.needs !== undefined && !isInstalled(golden.needs) && `${golden.needs} is not installed`
    it(name, { skip }, async context => {
      const outcome = await perform(golden, context, piped)
      if (UPDATE) update(path, text, golden, outcome)
      const wanted = expected(golden)
      assert.deepEqual(outcome, wanted, 'as processes')
      if (golden.pipedOnly || golden.commands.some(line => fusedLine(line) === undefined)) return
      const inOne = await perform(golden, context, fused)
      assert.deepEqual(inOne, { ...wanted, stderr: asToldByRun(wanted.stderr, inOne.stderr) }, 'fused')
    })
  }
})
