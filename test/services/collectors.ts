// nfacctd and nfcapd as collectors of tests: started here, asked for what they got.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ended, records, scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { listening, runProgram, says, startProgram, taken } from './programs.ts'
import type { Row } from './sums.ts'

export const packetsOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, { packets }) => sum + Number(packets ?? 0), 0)

export interface Nfacctd {
  readonly port: number
  /** Its rows once they have so many packets. */
  rows(packets: number): Promise<Row[]>
}

/** nfacctd on loopback, which writes sums by pmacct's primitives every two seconds. */
export async function startNfacctd(context: TestContext, by: readonly string[]): Promise<Nfacctd> {
  const [folder, port] = [scratch(context), await freeUdpPort()]
  const [file, out] = [join(folder, 'nfacctd.conf'), join(folder, 'sums.json')]
  const lines = ['daemonize: false', 'nfacctd_ip: 127.0.0.1', `nfacctd_port: ${port}`, `aggregate: ${by.join(', ')}`]
  lines.push('plugins: print', 'print_output: json', `print_output_file: ${out}`, 'print_output_file_append: true')
  lines.push('print_refresh_time: 2', 'plugin_pipe_size: 32000000')
  writeFileSync(file, lines.map(line => `${line}\n`).join(''))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await listening(port)
  // A line that is being written has no end yet.
  const rows = () => (existsSync(out) ? records(readFileSync(out, 'utf8').replace(/[^\n]*$/, '')) : [])
  return { port, rows: async packets => (await until(() => packetsOf(rows()) >= packets)) && rows() }
}

export interface Nfcapd {
  readonly port: number
  readonly child: ChildProcess
  /** Ends it; its flows, and how many datagrams it missed by their sequence numbers. */
  end(): Promise<{ readonly rows: Row[]; readonly sequenceErrors: number }>
}

const FORMAT = 'fmt:%sa|%da|%sp|%dp|%pkt|%byt'

export async function startNfcapd(context: TestContext): Promise<Nfcapd> {
  const [folder, port] = [join(scratch(context), 'flows'), await freeUdpPort()]
  mkdirSync(folder)
  const child = startProgram(context, ['nfcapd', '-b', '127.0.0.1', '-p', String(port), '-w', folder, '-t', '3600'])
  const ending = ended(child)
  await listening(port)
  const end = async () => {
    await taken(port)
    child.kill('SIGTERM')
    const said = await ending
    const sequenceErrors = Number(/Sequence Errors: (\d+)/.exec(said.stdout + said.stderr)?.[1] ?? Number.NaN)
    const { stdout } = await runProgram(context, ['nfdump', '-R', folder, '-6', '-N', '-q', '-o', FORMAT])
    return { rows: stdout.split('\n').flatMap(flowOf), sequenceErrors }
  }
  return { port, child, end }
}

function flowOf(line: string): Row[] {
  const [ip_src, ip_dst, port_src, port_dst, packets, bytes] = line.split('|').map(cell => cell.trim())
  if (bytes === undefined) return []
  return [{ ip_src, ip_dst, port_src, port_dst, packets: Number(packets), bytes: Number(bytes) }]
}
