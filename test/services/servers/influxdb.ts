// InfluxDB 1.x of Debian, with a database `netally`; it also takes OpenTSDB's telnet lines.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface InfluxdbOptions {
  /** Users must log in. */
  readonly auth?: boolean
  /** Another influxd than Debian's. */
  readonly program?: string
}

const CREDENTIALS = { user: 'netally', password: 'netally-test' }
const DATABASE = 'netally'

const configuration = (folder: string, http: number, rpc: number, opentsdb: number, auth: boolean) => `
reporting-disabled = true
bind-address = "${LOOPBACK}:${rpc}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
cache-max-memory-size = "256m"
[http]
bind-address = "${LOOPBACK}:${http}"
auth-enabled = ${auth}
log-enabled = false
[monitor]
store-enabled = false
[[opentsdb]]
enabled = true
bind-address = "${LOOPBACK}:${opentsdb}"
database = "opentsdb"
`

/** `query` takes InfluxQL, asked of the database `netally`, and gives JSON. */
export async function startInfluxdb(
  lifetime: Lifetime,
  { auth = false, program = 'influxd' }: InfluxdbOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('influxdb', program)
  if (missing) return missing
  const folder = serverFolder(lifetime, 'influxdb')
  const [port = 0, rpc = 0, opentsdb = 0] = await freePorts(3)
  const file = join(folder.path, 'influxdb.conf')
  writeFileSync(file, configuration(folder.path, port, rpc, opentsdb, auth))
  const url = `http://${LOOPBACK}:${port}`
  const credentials = auth ? CREDENTIALS : undefined
  const query = (statement: string) =>
    ask(`${url}/query?db=${DATABASE}`, {
      body: new URLSearchParams({ q: statement }).toString(),
      headers: FORM,
      credentials,
    })
  const running = await launch({
    folder,
    words: [program, 'run', '-config', file],
    asks: async () => {
      // The first user may be made by anybody.
      const user = `CREATE USER ${CREDENTIALS.user} WITH PASSWORD '${CREDENTIALS.password}' WITH ALL PRIVILEGES`
      if (auth) await ask(`${url}/query?${new URLSearchParams({ q: user })}`, { method: 'POST' }).catch(() => {})
      await query(`CREATE DATABASE ${DATABASE}`)
    },
  })
  const version = await versionOf([program, 'version'])
  return serverOf(running, { version, port, ports: { opentsdb }, url, query, ...(credentials && { credentials }) })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
