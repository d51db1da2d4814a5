// `npm run docs`: the pages that the source makes. A test tells when they are stale.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldViews, markdown } from '../src/runtime/fields-view.ts'
import { bgpProblems } from './bgp-problems.ts'
import { firstArguments, properties } from './read-source.ts'

const REPOSITORY = join(import.meta.dirname, '..')

/** Where a code is put together of two parts. */
const PREFIXED: { readonly [file: string]: string } = {
  'src/sources/listen-problem.ts': 'listen/',
  'src/sources/template-store.ts': 'templates/',
  'src/wire/flow/decoder.ts': 'flow/',
  'src/wire/flow/template.ts': 'flow/',
}
const CODE = /^[a-z0-9-]+(\/[a-z0-9-]+)?$/

export interface Found {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** The literals of an expression, without what its condition compares with (an error code). */
const told = (texts: readonly string[]): string => texts.filter(text => !/^[A-Z]+$/.test(text)).join(' / ')

/** Problems that a source file makes: `{ code: 'x/y', message, hint }` or `problem('x/y', message, hint)`. */
function problemsOf(file: string): Found[] {
  const text = readFileSync(join(REPOSITORY, file), 'utf8')
  const prefix = PREFIXED[file]
  const made = [
    ...properties(text, 'code').map(({ code = [], message, reason, hint }) => [
      code,
      message ?? reason ?? [],
      hint ?? [],
    ]),
    ...firstArguments(text, /(?:\bproblem|#problem|#report)\(/g),
    // Their third argument is a section of the RFC.
    ...firstArguments(text, /\b(?:bmpProblem|mrtProblem)\(/g).map(given => given.slice(0, 2)),
  ]
  return made.flatMap(([codes = [], message = [], hint = []]) =>
    codes
      .filter(code => CODE.test(code) && (code.includes('/') || prefix !== undefined))
      .map(code => ({
        code: code.includes('/') ? code : `${prefix}${code}`,
        message: told(message),
        hint: told(hint),
      })),
  )
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function problemsPage(): string {
  const files = globSync('{src,plugins/*/src}/**/*.ts', { cwd: REPOSITORY }).sort()
  const found = [...files.flatMap(problemsOf), ...bgpProblems()]
  const byCode = Map.groupBy(found, ({ code }) => code)
  const rows = [...byCode]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([code, problems]) => {
      const unique = (texts: string[]) => [...new Set(texts.filter(Boolean))].map(cell).join('<br>')
      return `| \`${code}\` | ${unique(problems.map(({ message }) => message))} | ${unique(problems.map(({ hint }) => hint))} |`
    })
  return `# Problems

What netally says on standard error ends with a code in brackets, such as \`[ndjson/bad-line]\`. The codes are stable: they stand
in the counters too (\`problems/CODE\`). \`…\` stands for a part that depends on the case. Codes that begin with \`usage/\` or end
with \`/syntax\` end a command with status 2, what else ends one with status 1; most are told and counted, and the command goes on.

This page is made by \`npm run docs\`.

| code | what is wrong | what to do |
|---|---|---|
${rows.join('\n')}
`
}

export function fieldsPage(): string {
  return `# Fields

Every field that netally has a row for (\`netally fields\`). The key is what stands in the JSON; the pmacct name is accepted wherever
a field is named. Other fields are kept as they are.

\`sum_host\`, \`sum_net\`, \`sum_as\`, \`sum_port\` and \`sum_mac\` in \`aggregate --by\` sum both ends of a record under one key, that of the source: what a host sent
and received. Each record is entered twice, the second time with its ends exchanged, so all sums together are twice the traffic, and what goes from a host to itself counts twice.
They combine: \`--by sum_host,sum_port,proto\` has hosts with their own ports, \`--by sum_net,src_mask\` nets with their own masks, and with \`sum_host\` a \`dst_host\` is the other end:
\`--by sum_host --distinct dst_host\` counts peers. Elsewhere these words mean the key itself.

This page is made by \`npm run docs\`.

${markdown(fieldViews(undefined)).trimEnd()}
`
}

/** Pages by their path from the repository. */
export const PAGES: { readonly [path: string]: () => string } = {
  'docs/problems.md': problemsPage,
  'docs/fields.md': fieldsPage,
}

if (import.meta.main) {
  for (const [path, page] of Object.entries(PAGES)) writeFileSync(join(REPOSITORY, path), page())
}
