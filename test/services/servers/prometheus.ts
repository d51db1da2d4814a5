// Prometheus of Debian: scrapes what it is told to, and takes remote-write.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, versionOf } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface PrometheusOptions {
  /** `127.0.0.1:9101`: asked for /metrics each second, as job `netally`. */
  readonly targets?: readonly string[]
}

const configuration = (targets: readonly string[]) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: netally, static_configs: [ { targets: ${JSON.stringify(targets)} } ] }
`

/** `query` takes PromQL, or `PATH?PARAMETERS` of /api/v1/, and gives JSON. */
export async function startPrometheus(
  lifetime: Lifetime,
  { targets = [] }: PrometheusOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('prometheus', 'prometheus')
  if (missing) return missing
  const folder = serverFolder(lifetime, 'prometheus')
  const [port = 0] = await freePorts(1)
  const file = join(folder.path, 'prometheus.yml')
  writeFileSync(file, configuration(targets))
  const url = `http://${LOOPBACK}:${port}`
  const running = await launch({
    folder,
    words: [
      ...['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${join(folder.path, 'data')}`],
      ...[`--web.listen-address=${LOOPBACK}:${port}`, '--web.enable-remote-write-receiver', '--web.enable-lifecycle'],
      '--web.enable-admin-api',
    ],
    asks: () => ask(`${url}/-/ready`),
  })
  const version = await versionOf(['prometheus', '--version'])
  return serverOf(running, { version, port, url, query: statement => askPrometheus(url, statement) })
}

/** PromQL, or a path of the API with its parameters. */
export function askPrometheus(url: string, statement: string): Promise<string> {
  const isPath = /^(query|query_range|series|labels|export|label)[/?]/.test(statement)
  return ask(`${url}/api/v1/${isPath ? statement : `query?${new URLSearchParams({ query: statement })}`}`)
}
