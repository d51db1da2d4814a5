// ClickHouse of Debian (18.16, which is old), over HTTP.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts, missingPrograms } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const CREDENTIALS = { user: 'default', password: 'netally-test' }

const configuration = (folder: string, http: number, tcp: number, interserver: number) => `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>${LOOPBACK}</listen_host>
  <http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><interserver_http_port>${interserver}</interserver_http_port>
  <interserver_http_host>${LOOPBACK}</interserver_http_host>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><user_files_path>${folder}/files/</user_files_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size><uncompressed_cache_size>67108864</uncompressed_cache_size>
  <timezone>UTC</timezone>
</yandex>
`

const USERS = `<yandex>
  <profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users><${CREDENTIALS.user}>
    <password>${CREDENTIALS.password}</password><networks><ip>${LOOPBACK}</ip></networks>
    <profile>default</profile><quota>default</quota>
  </${CREDENTIALS.user}></users>
  <quotas><default/></quotas>
</yandex>
`

/** `query` takes SQL and gives tab-separated rows. */
export async function startClickhouse(lifetime: Lifetime): Promise<Server | Skipped> {
  const missing = missingPrograms('clickhouse-server', 'clickhouse-server')
  if (missing) return missing
  const folder = serverFolder(lifetime, 'clickhouse')
  const [port = 0, native = 0, interserver = 0] = await freePorts(3)
  const file = join(folder.path, 'config.xml')
  writeFileSync(file, configuration(folder.path, port, native, interserver))
  writeFileSync(join(folder.path, 'users.xml'), USERS)
  const url = `http://${LOOPBACK}:${port}`
  const query = (statement: string) => ask(`${url}/`, { body: statement, credentials: CREDENTIALS })
  const running = await launch({
    folder,
    words: ['clickhouse-server', `--config-file=${file}`],
    asks: () => query('SELECT 1'),
  })
  const version = (await query('SELECT version()')).trim()
  return serverOf(running, { version, port, ports: { native }, url, credentials: CREDENTIALS, query })
}
