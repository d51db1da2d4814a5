// gNMI updates a second, and CPU of the client, from openconfig's fake target, beside openconfig's own client, which prints them.
//
//   node bench/gnmi.ts [UPDATES]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GO_PROGRAMS, goProgram } from '../test/services/servers/go.ts'
import { Authority } from '../test/support/authority.ts'
import { freeTcpPort } from '../test/support/free-port.ts'
import { answers, ServerProcess } from '../test/support/server-process.ts'
import { start } from './measure.ts'

const updates = Number(process.argv[2] ?? 200_000)
const RUN = `${process.execPath} ${join(import.meta.dirname, '..', 'bin', 'run.js')}`
const INTERFACES = 500
const LEAVES = [
  'in-octets',
  'out-octets',
  'in-pkts',
  'out-pkts',
  'in-errors',
  'out-errors',
  'in-fcs',
  'out-fcs',
  'x',
  'y',
]
const FLAGS: readonly string[] = ['--flat', "--flat --rate '*-octets'", '']

const folder = mkdtempSync(join(tmpdir(), 'netally-bench-'))
const ends: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true })]
const lifetime = { after: (end: () => void | Promise<void>) => void ends.unshift(end) }

/** What the target says: interface counters, so many in a message. */
function config(inMessage: number): string {
  const path = join(folder, `target-${inMessage}`)
  const responses = Array.from({ length: updates / inMessage }, (_, at) => {
    const parts = Array.from({ length: inMessage }, (_, leaf) => {
      const name = LEAVES[(at + leaf) % LEAVES.length]
      return `update { path { elem { name: "${name}" } } val { uint_val: ${1e9 + at * inMessage + leaf} } }`
    })
    return `responses { update { timestamp: ${1_700_000_000n * 10n ** 9n + BigInt(at) * 10n ** 6n} prefix { target: "dev1"
elem { name: "interfaces" } elem { name: "interface" key { key: "name" value: "eth${at % INTERFACES}" } }
elem { name: "state" } elem { name: "counters" } } ${parts.join('\n')} } }`
  })
  writeFileSync(path, `target: "dev1" client_type: GRPC_GNMI disable_eof: true fixed { ${responses.join('\n')} }`)
  return path
}

async function measure(name: string, line: string): Promise<void> {
  const { cpuSeconds, wallSeconds, rssMebibytes, exitCode } = await start(line, {}).done
  const rate = Math.round(updates / wallSeconds / 100) / 10
  const perMillion = ((cpuSeconds / updates) * 1e6).toFixed(1)
  const failed = exitCode === 0 ? '' : ` FAILED ${exitCode}`
  console.log(
    `${name.padEnd(44)} ${rate} k/s, ${cpuSeconds.toFixed(2)} s CPU, ${perMillion} a million, ${Math.round(rssMebibytes)} MiB${failed}`,
  )
}

async function run(server: string, client: string): Promise<void> {
  const authority = new Authority(lifetime as never)
  authority.issue('server')
  const ca = authority.path('ca.pem')
  const tls = ['-server_crt', authority.path('server.pem'), '-server_key', authority.path('server.key')]
  for (const inMessage of [10, 1]) {
    const port = await freeTcpPort()
    const target = new ServerProcess(lifetime, {
      words: [server, '-config', config(inMessage), '-text', '-port', `${port}`, ...tls, '-allow_no_client_auth'],
      ready: () => answers(port),
    })
    await target.start()
    const ours = `${RUN} gnmi-recv 127.0.0.1:${port} --tls-ca ${ca} --path / --mode once --encoding proto`
    for (const flags of FLAGS) {
      await measure(`${inMessage} in a message: gnmi-recv ${flags}`, `${ours} ${flags} > ${join(folder, 'out')}`)
    }
    const theirs = `${client} -a 127.0.0.1:${port} -q / -qt once -ca_crt ${ca} -t dev1 -dt single`
    await measure(`${inMessage} in a message: gnmi_cli`, `${theirs} > ${join(folder, 'out')}`)
    await target.kill()
  }
}

try {
  const server = await goProgram(GO_PROGRAMS.gnmiFakeServer)
  const client = await goProgram(GO_PROGRAMS.gnmiCli)
  if (typeof server !== 'string') console.log(server.skipped)
  else if (typeof client !== 'string') console.log(client.skipped)
  else await run(server, client)
} finally {
  for (const end of ends) await end()
}
