// Wrong usage, help, and what starting a command costs.
import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { ENVIRONMENT, netally, REPOSITORY, scratch } from '../support/cli.ts'

const COMMANDS = globSync('*.ts', { cwd: join(REPOSITORY, 'src', 'commands') }).map(file => basename(file, '.ts'))
const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  dependencies: { [name: string]: string }
}
/** What a command loads when it runs, not when it tells its flags. */
const CLIENTS = Object.keys(manifest.dependencies).filter(name => name !== '@oclif/core')

/** What draws tables and writes CSV belongs to these commands alone. */
const WRITERS: ReadonlySet<string> = new Set(['dump', 'describe'])

/** Notes every module that is loaded; NETALLY_LOADED names the file. */
const NOTE_MODULES = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { appendFileSync(process.env.NETALLY_LOADED, url + '\\n'); return next(url, context) } })
`

describe('usage', { concurrency: 3 }, () => {
  for (const command of COMMANDS.sort()) {
    it(`${command} --help tells all and loads no client library`, async context => {
      const folder = scratch(context)
      const loaded = join(folder, 'loaded')
      const hook = join(folder, 'note-modules.mjs')
      writeFileSync(loaded, '')
      writeFileSync(hook, NOTE_MODULES)
      const env = { ...ENVIRONMENT, NETALLY_LOADED: loaded, NODE_OPTIONS: `--import ${hook}` }
      const { stdout, stderr, status } = await netally([command, '--help'], '', { env })
      assert.equal(status, 0, stderr)
      assert.equal(stderr, '')
      assert.match(stdout, /USAGE\n {2}\$ netally /)
      assert.match(stdout, /EXAMPLES/, 'no example')
      const modules = readFileSync(loaded, 'utf8').split('\n')
      assert.ok(modules.length > 10, 'the modules were not noted')
      const clients = modules.filter(url => CLIENTS.some(name => url.includes(`/node_modules/${name}/`)))
      if (!WRITERS.has(command)) assert.deepEqual(clients, [])
    })

    it(`${command} with a flag that does not exist: status 2, told in two lines`, async () => {
      const { stdout, stderr, status } = await netally([command, '--no-such-flag'])
      assert.equal(status, 2, stderr)
      assert.equal(stdout, '')
      assert.match(stderr, new RegExp(`^netally ${command}: .*--no-such-flag.*\\n {2}try: .*--help`))
    })
  }

  it('a flag that does not exist in a line of run: status 2', async () => {
    const { stderr, status } = await netally(['run', 'aggregate --no-such-flag'])
    assert.equal(status, 2, stderr)
    assert.match(stderr, /^netally run: .*--no-such-flag/)
  })

  it('a command that does not exist: status 2', async () => {
    const { stderr, status } = await netally(['agregate'])
    assert.equal(status, 2, stderr)
    assert.match(stderr, /agregate/)
  })

  for (const value of ['development', 'test', 'production']) {
    it(`NODE_ENV=${value} changes nothing`, async () => {
      const env = { ...ENVIRONMENT, NODE_ENV: value }
      const result = await netally(['aggregate'], '{"bytes":1}\n{"bytes":2}\n', { env })
      assert.deepEqual(result, { stdout: '{"bytes":3}\n', stderr: '', status: 0 })
    })
  }
})
