// tcpdump does the capturing: it knows every interface and the filter language of libpcap, and has the privileges.
import type { Readable, Writable } from 'node:stream'
import type { Host } from '../../contract/host.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'
import { type OctetReader, streamOctets } from '../capture-octets.ts'

const CHUNK_OCTETS = 256 * 1024
/** What it says at the end: counts of the kernel. */
const DROPPED = /^(\d+) packets? dropped by (kernel|interface)/gm
/** Lines that are no trouble. */
const USUAL =
  /^(tcpdump: )?(listening on|reading from|verbose output|data link type|\d+ packets|dropped privs|Warning: interface names)/

interface Running {
  readonly octets: OctetReader
  /** Asks it to end; what it still has comes. */
  stop(): void
  /** Waits for its end. Throws a ProblemError when it failed without having given anything, else reports it. */
  ended(gave: boolean): Promise<void>
}

/** The words of its last complaint. */
function complaint(said: string): string {
  const lines = said.split('\n').filter(line => line.trim() !== '' && !USUAL.test(line))
  return (lines.at(-1) ?? '').replace(/^tcpdump: /, '')
}

function failure(what: string, said: string, code: string | undefined): Problem {
  if (code === 'ENOENT') {
    return {
      code: 'packets/no-tcpdump',
      message: `${what}: tcpdump is not installed`,
      hint: 'apt-get install tcpdump, or read a capture with --pcap',
    }
  }
  const isDenied = /permission|not permitted/i.test(said)
  return {
    code: 'packets/tcpdump',
    message: `${what}: tcpdump says: ${complaint(said) || 'nothing'}`,
    hint: isDenied
      ? 'start it as root (and give --user), or give tcpdump CAP_NET_RAW: setcap cap_net_raw+ep $(command -v tcpdump)'
      : '`tcpdump -D` lists interfaces; `man pcap-filter` has the filter language',
  }
}

/** Runs tcpdump with these words; `input` is a capture that it reads. `what` names it in what is reported. */
export async function runTcpdump(
  words: readonly string[],
  what: string,
  host: Host,
  input?: OctetReader,
): Promise<Running> {
  const { execa } = await import('execa')
  const child = execa('tcpdump', words, {
    stdin: input ? 'pipe' : 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    maxBuffer: 64 * 1024,
    reject: false,
  })
  if (input) feed(input, child.stdin as Writable).catch(() => child.kill())
  let isStopped = false
  return {
    octets: streamOctets(child.stdout as Readable, new AbortController().signal),
    stop() {
      isStopped = true
      child.kill('SIGINT')
    },
    async ended(gave) {
      const result = await child
      const said = String(result.stderr ?? '')
      for (const [, count, where] of said.matchAll(DROPPED)) {
        if (Number(count) > 0) host.count(`lost/${where}-drops`, Number(count))
      }
      if (!result.failed || isStopped) return
      const problem = failure(what, said, result.code)
      if (!gave) throw new ProblemError(problem)
      host.report(problem)
    },
  }
}

async function feed(input: OctetReader, into: Writable): Promise<void> {
  into.on('error', () => {}) // it left early: its status says why
  for (;;) {
    const chunk = new Uint8Array(CHUNK_OCTETS)
    const octets = await input.read(chunk)
    if (octets === 0) break
    await new Promise<void>((resolve, reject) => {
      into.write(chunk.subarray(0, octets), error => (error ? reject(error) : resolve()))
    })
  }
  into.end()
  await input.close()
}
