// How the compliance suite handles a server of the tests.
import type { Server } from '../services/servers/server.ts'
import type { ComplianceServer } from './sink-compliance.ts'

type Controls = Pick<ComplianceServer, 'start' | 'stop' | 'kill' | 'pause' | 'resume'>

/** All of a server's processes are stopped and go on at once; it has another pid after a restart. */
export function serverControls(server: Server): Controls {
  const signal = (name: NodeJS.Signals) => {
    process.kill(-server.pid, name)
  }
  return {
    start: () => server.restart(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  }
}
