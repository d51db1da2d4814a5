// A plugin from outside: built against the packed core, packed, installed, used in a pipe and in `run`, and removed.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { ENVIRONMENT, type Ended, isInstalled, REPOSITORY, scratch, shell } from '../support/cli.ts'

const skip = !isInstalled('npm') && 'not installed: npm'
const MODULES = join(REPOSITORY, 'node_modules')

/** Packs a package; the tarball's path. */
function pack(folder: string, into: string): string {
  const words = ['pack', '--ignore-scripts', '--silent', '--pack-destination', into]
  return join(into, execFileSync('npm', words, { cwd: folder, encoding: 'utf8' }).trim())
}

function edit(path: string, change: (json: { [key: string]: unknown }) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as { [key: string]: unknown }
  change(json)
  writeFileSync(path, JSON.stringify(json))
}

/** The core as its tarball brings it, and the example built against it. */
function build(top: string) {
  const core = join(top, 'package')
  execFileSync('tar', ['-xzf', pack(REPOSITORY, top), '-C', top])
  // Its dependencies, without the network.
  symlinkSync(MODULES, join(top, 'node_modules'))
  const hello = join(top, 'hello')
  cpSync(join(REPOSITORY, 'examples', 'plugin-hello'), hello, { recursive: true })
  mkdirSync(join(hello, 'node_modules', '@types'), { recursive: true })
  symlinkSync(core, join(hello, 'node_modules', 'netally'))
  symlinkSync(join(MODULES, '@types', 'node'), join(hello, 'node_modules', '@types', 'node'))
  const tsc = spawnSync(join(MODULES, '.bin', 'tsc'), ['-p', hello], { encoding: 'utf8' })
  assert.equal(tsc.status, 0, tsc.stdout)
  return { top, run: join(core, 'bin', 'run.js'), hello }
}

describe('a plugin from outside', { skip }, () => {
  let built: ReturnType<typeof build>
  const top = mkdtempSync(join(tmpdir(), 'netally-test-'))
  before(() => {
    built = build(top)
  })
  after(() => rmSync(top, { recursive: true, force: true }))

  /** A line of bash with the packed netally, and plugins of its own. */
  const line = (context: TestContext, data = join(scratch(context), 'data')) => ({
    data,
    shell: (text: string, input = ''): Promise<Ended> =>
      shell(`netally() { "$NETALLY_NODE" '${built.run}' "$@"; }; ${text}`, input, {
        env: { ...ENVIRONMENT, NETALLY_DATA_DIR: data },
        cwd: built.top,
      }),
  })

  it('is installed from a tarball, used in a pipe and in run, and uninstalled', async context => {
    const { shell: sh } = line(context)
    pack(built.hello, built.top)
    const installed = await sh('netally plugins install ./netally-plugin-hello-1.0.0.tgz')
    assert.equal(installed.status, 0, installed.stderr)
    assert.equal(installed.stdout, 'netally-plugin-hello 1.0.0 is installed\n')
    assert.equal(
      (await sh('netally plugins list')).stdout,
      'netally-plugin-hello 1.0.0 (installed): hello-recv shout sink-http\n',
    )
    assert.match((await sh('netally help')).stdout, /shout +write labels in capitals/)
    assert.match((await sh('netally shout --help')).stdout, /netally hello-recv \| netally shout/)

    const piped = await sh(
      'netally hello-recv --count 1200 | netally shout --stats | netally filter \'label = "HELLO 1100"\'',
    )
    assert.equal(piped.stdout, '{"label":"HELLO 1100","timestamp_arrival":1764001100}\n', piped.stderr)
    assert.match(piped.stderr, /"command":"shout".*"in":1200,"created":0,"out":1200/)
    const fused = await sh(`netally run 'hello-recv --count 1200 | shout | filter "label = \\"HELLO 1100\\""'`)
    assert.equal(fused.stdout, piped.stdout, fused.stderr)

    assert.equal((await sh('netally plugins uninstall netally-plugin-hello')).status, 0)
    const gone = await sh('netally hello-recv')
    assert.equal(gone.status, 2)
    assert.match(gone.stderr, /command hello-recv not found/)
  })

  it('its sink delivers, in a pipe and in run', async context => {
    const { shell: sh } = line(context)
    assert.equal((await sh('netally plugins link ./hello')).status, 0)
    const bodies: string[] = []
    let refusals = 2
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      if (refusals-- > 0) response.writeHead(503).end()
      else {
        bodies.push(Buffer.concat(parts).toString())
        response.end()
      }
    })
    context.after(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
    const piped = await sh(`netally hello-recv | netally shout | netally sink-http ${url} --retry-first 10ms --stats`)
    assert.equal(piped.status, 0, piped.stderr)
    assert.match(piped.stderr, /"out":3,.*"retries":2/)
    const fused = await sh(`netally run 'hello-recv | shout | sink-http ${url}'`)
    assert.equal(fused.status, 0, fused.stderr)
    assert.equal(bodies.length, 2)
    assert.equal(bodies[0], bodies[1])
    assert.match(bodies[0] as string, /^\{"label":"HELLO 0"/)
  })

  it('one for another contract is refused: when it is installed, linked, and run', async context => {
    const { shell: sh, data } = line(context)
    const other = join(scratch(context), 'other')
    cpSync(built.hello, other, { recursive: true })
    edit(join(other, 'package.json'), json => Object.assign(json, { netally: { contract: 99 } }))
    const wanted =
      /netally-plugin-hello 1\.0\.0 was built for contract 99, this netally has contract 1 \[plugins\/other-contract\]\n {2}try: upgrade netally/
    const linking = await sh(`netally plugins link ${other}`)
    assert.equal(linking.status, 1)
    assert.match(linking.stderr, wanted)
    const installing = await sh(`netally plugins install ${pack(other, scratch(context))}`)
    assert.equal(installing.status, 1)
    assert.match(installing.stderr, wanted)
    assert.deepEqual(
      readdirSync(join(data, 'plugins', 'node_modules')).filter(name => name.startsWith('netally')),
      [],
    )

    // One that was good when it was linked.
    edit(join(other, 'package.json'), json => Object.assign(json, { netally: { contract: 1 } }))
    assert.equal((await sh(`netally plugins link ${other}`)).status, 0)
    edit(join(other, 'package.json'), json => Object.assign(json, { netally: { contract: 99 } }))
    writeFileSync(join(other, 'oclif.manifest.json'), '{"version":"1.0.0","commands":{"hello-recv":{}}}')
    for (const text of ['netally hello-recv', "netally run 'hello-recv'"]) {
      const { status, stderr } = await sh(text)
      assert.notEqual(status, 0)
      assert.match(stderr, wanted)
    }
  })

  it('one that is not built is told, and others work', async context => {
    const { shell: sh, data } = line(context)
    const bare = join(scratch(context), 'bare')
    mkdirSync(bare)
    cpSync(join(built.hello, 'package.json'), join(bare, 'package.json'))
    edit(join(bare, 'package.json'), json => Object.assign(json, { name: 'netally-plugin-bare' }))
    assert.match((await sh(`netally plugins link ${bare}`)).stderr, /netally-plugin-bare is not built: there is no /)
    mkdirSync(join(data, 'plugins'), { recursive: true })
    const links = { 'netally-plugin-bare': bare, 'netally-plugin-hello': built.hello }
    writeFileSync(join(data, 'plugins', 'links.json'), JSON.stringify(links))

    for (const text of ['netally hello-recv --count 1', "netally run 'hello-recv --count 1 | cat'"]) {
      const { stdout, stderr, status } = await sh(text)
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^\{"label":"hello 0"/)
      assert.equal(stderr.match(/netally plugins: netally-plugin-bare is not built/g)?.length, 1)
    }
    assert.match((await sh('netally bare')).stderr, /^netally bare: netally-plugin-bare is not built/)
    assert.match((await sh('netally plugins list')).stdout, /netally-plugin-bare .*is not built[\s\S]*hello-recv/)
    assert.match((await sh('netally help')).stdout, /shout +write labels in capitals/)
  })

  it('the packed core has no plugins, and says where a known one is', async context => {
    const { shell: sh } = line(context)
    assert.equal((await sh('netally plugins list')).stdout, '')
    for (const text of ['netally sink-kafka', 'netally sink-kafka --help', "netally run 'sink-kafka'"]) {
      const { status, stderr } = await sh(text)
      assert.equal(status, 2, stderr)
      assert.match(
        stderr,
        /sink-kafka is in netally-plugin-sink-kafka.*\n {2}try: netally plugins install netally-plugin-sink-kafka/,
      )
    }
    assert.equal((await sh("netally filter 'tag = 1'", '{"tag":1}\n{"tag":2}\n')).stdout, '{"tag":1}\n')
  })
})
