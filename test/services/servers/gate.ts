// One server for many tests, where starting it takes long: each test has an address of its own, which can be closed, in front
// of the same program. Killing, holding and starting again are done to the program.
import { once } from 'node:events'
import { connect, createServer, type Server as Listener, type Socket } from 'node:net'
import { type Lifetime, LOOPBACK, type Server } from './server.ts'

export interface Gate {
  /** Of loopback; refuses until `start`. */
  readonly port: number
  /** Lets clients in; starts the program again if it does not run. */
  start(): Promise<void>
  /** Lets nobody in; the program goes on. */
  stop(): Promise<void>
  /** SIGKILL to the program. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT to all of the program. */
  pause(): void
  resume(): void
}

/** The programs of which the last gate has left only a corpse. */
const killed = new WeakSet<Server>()

class Passage {
  readonly #target: number
  readonly #open = new Set<Socket>()
  #listener: Listener | undefined

  constructor(target: number) {
    this.#target = target
  }

  async listen(port: number): Promise<number> {
    const listener = createServer(client => this.#join(client))
    this.#listener = listener
    listener.listen(port, LOOPBACK)
    await once(listener, 'listening')
    return (listener.address() as { port: number }).port
  }

  #join(client: Socket): void {
    const server = connect(this.#target, LOOPBACK)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(one)
      one.setNoDelay(true)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.#open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }

  async close(): Promise<void> {
    const listener = this.#listener
    if (!listener) return
    this.#listener = undefined
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of this.#open) socket.destroy()
    await closed
  }
}

/** `port`: that of the program which the tests speak to. */
export async function openGate(lifetime: Lifetime, server: Server, port = server.port): Promise<Gate> {
  const passage = new Passage(port)
  const own = await passage.listen(0)
  await passage.close()
  let isPaused = false
  const signal = (name: NodeJS.Signals) => {
    isPaused = name === 'SIGSTOP'
    // It leads a group of its own.
    process.kill(-server.pid, name)
  }
  lifetime.after(async () => {
    if (isPaused) signal('SIGCONT')
    await passage.close()
  })
  return {
    port: own,
    async start() {
      if (killed.has(server)) {
        await server.restart()
        killed.delete(server)
      }
      await passage.listen(own)
    },
    stop: () => passage.close(),
    async kill() {
      killed.add(server)
      await server.kill()
      await passage.close()
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  }
}
