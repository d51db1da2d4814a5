// VictoriaMetrics: takes OpenTSDB (telnet and HTTP), InfluxDB v1 and v2, and Prometheus remote-write. Debian's, or the
// newer one that Go's module proxy has.
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, packageVersion, versionOf } from './programs.ts'
import { askPrometheus } from './prometheus.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const DEBIAN = 'victoria-metrics'

export interface VictoriaMetricsOptions {
  /** Another victoria-metrics than Debian's. */
  readonly program?: string
}

/** Neither tells its own: Debian's comes from the package, the other's from what Go has written into it. */
const versionOfProgram = (program: string): Promise<string> =>
  program === DEBIAN
    ? packageVersion('victoria-metrics')
    : versionOf(['go', 'version', '-m', program], /(?<=^\s+mod\s+\S+\s+v)\S+/m)

/** `query` takes PromQL, or `PATH?PARAMETERS` of /api/v1/, and gives JSON; it sees all that was taken before. */
export async function startVictoriaMetrics(
  lifetime: Lifetime,
  { program = DEBIAN }: VictoriaMetricsOptions = {},
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
  const query = async (statement: string) => {
    await ask(`${url}/internal/force_flush`)
    return askPrometheus(url, statement)
  }
  return serverOf(running, {
    version: await versionOfProgram(program),
    port,
    ports: { opentsdb, opentsdbHttp },
    url,
    query,
  })
}
