// Programs and ports of this machine.
import { execFile } from 'node:child_process'
import { accessSync, constants, globSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LOOPBACK, type Skipped } from './server.ts'

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where a program is: in PATH, where Debian keeps those of root, or by a pattern of paths (the last that fits). */
export function programPath(program: string): string | undefined {
  const candidates = program.includes('/')
    ? globSync(program).sort().reverse()
    : FOLDERS.map(folder => join(folder, program))
  return candidates.find(isProgram)
}

/** The skip of a server whose programs are not all here; undefined when they are. */
export function missingPrograms(packageName: string, ...programs: readonly string[]): Skipped | undefined {
  const missing = programs.filter(program => !programPath(program))
  if (missing.length === 0) return undefined
  return { skipped: `not installed: ${missing.join(', ')} (Debian package ${packageName})` }
}

const MOST_OUTPUT = 64 * 1024 * 1024
const HANG_MS = 60_000

/** Runs a client to its end; its standard output. Rejects with its standard error when it fails. */
export async function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  input?: string,
  withinMs = HANG_MS,
): Promise<string> {
  const [program = '', ...args] = words
  const running = promisify(execFile)(programPath(program) ?? program, args, {
    env: { PATH: FOLDERS.join(':'), LANG: 'C.UTF-8', TZ: 'UTC', ...environment },
    maxBuffer: MOST_OUTPUT,
    timeout: withinMs,
  })
  running.child.stdin?.on('error', () => {})
  running.child.stdin?.end(input ?? '')
  return (await running).stdout
}

/** What a program says of its version, cut to the number; it may say it anywhere, and end as it likes. */
export async function versionOf(words: readonly string[], pattern = /\d+(?:\.\d+)+/): Promise<string> {
  const [program = '', ...args] = words
  const running = promisify(execFile)(programPath(program) ?? program, args, { timeout: HANG_MS })
  const said = await running.catch((error: { stdout?: string; stderr?: string }) => error)
  return pattern.exec(`${said.stdout}${said.stderr}`)?.[0] ?? 'unknown'
}

/** The version of a Debian package, for programs that do not tell theirs. */
export const packageVersion = (name: string): Promise<string> => versionOf(['dpkg-query', '--show', name])

const LOWEST_PORT = 12_000
const TRIES = 200

/** Ports that the kernel gives to clients begin here: one of those might be taken while a server restarts. */
function lowestClientPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0])
  } catch {
    return 32_768
  }
}

function bind(port: number): Promise<Server | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, LOOPBACK, () => resolve(server))
  })
}

/** TCP ports of loopback that are free, and that no client gets by chance. */
export async function freePorts(count: number): Promise<number[]> {
  const span = Math.max(lowestClientPort() - LOWEST_PORT, 1000)
  const held: Server[] = []
  const ports: number[] = []
  for (let tries = 0; ports.length < count && tries < TRIES; tries++) {
    const port = LOWEST_PORT + Math.floor(Math.random() * span)
    const server = await bind(port)
    if (!server) continue
    held.push(server)
    ports.push(port)
  }
  await Promise.all(held.map(server => new Promise(resolve => server.close(resolve))))
  if (ports.length < count) throw new Error(`no ${count} free ports of ${LOOPBACK}`)
  return ports
}
