// VictoriaMetrics: takes OpenTSDB (telnet and HTTP), InfluxDB v1 and v2, and Prometheus remote-write. Debian's, or the
// newer one that Go's module proxy has.
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, packageVersion } from './programs.ts'
import { askPrometheus } from './prometheus.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface VictoriaMetricsOptions {
  /** Another victoria-metrics than Debian's. */
  readonly program?: string
}

/** `query` takes PromQL, or `PATH?PARAMETERS` of /api/v1/, and gives JSON; it sees all that was taken before. */
export async function startVictoriaMetrics(
  lifetime: Lifetime,
  { program = 'victoria-metrics' }: VictoriaMetricsOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('victoria-metrics', program)
  if (missing) return missing
  const folder = serverFolder(lifetime, 'victoria-metrics')
  const [port = 0, opentsdb = 0, opentsdbHttp = 0] = await freePorts(3)
  const url = `http://${LOOPBACK}:${port}`
  const running = await launch({
    folder,
    words: [
      ...[program, `-storageDataPath=${folder.path}/data`, `-httpListenAddr=${LOOPBACK}:${port}`],
      ...[`-opentsdbListenAddr=${LOOPBACK}:${opentsdb}`, `-opentsdbHTTPListenAddr=${LOOPBACK}:${opentsdbHttp}`],
      // Old samples of captures are kept, and what was just written is seen.
      ...['-retentionPeriod=100y', '-search.latencyOffset=0s', '-search.disableCache', '-memory.allowedBytes=256MB'],
    ],
    asks: () => ask(`${url}/health`),
  })
  const metrics = await ask(`${url}/metrics`)
  const version = /vm_app_version\{.*short_version="v?([^"]+)"/.exec(metrics)?.[1]
  const query = async (statement: string) => {
    await ask(`${url}/internal/force_flush`)
    return askPrometheus(url, statement)
  }
  return serverOf(running, {
    version: version ?? (await packageVersion('victoria-metrics')),
    port,
    ports: { opentsdb, opentsdbHttp },
    url,
    query,
  })
}
