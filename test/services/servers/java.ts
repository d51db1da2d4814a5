// Servers that run on a JVM, resolved by Maven into the cache.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, locked } from './cache.ts'
import { missingPrograms, programPath, run } from './programs.ts'
import type { Skipped } from './server.ts'

/** Servers here want 17 or newer; the newest ones break some of them. */
const JAVA_17 = '/usr/lib/jvm/*-17-*/bin/java'
const MAVEN_MS = 20 * 60_000

export interface Artifact {
  /** `GROUP:ARTIFACT:VERSION`, with `:TYPE` and `:CLASSIFIER` where it is not the jar. */
  readonly name: string
  /** `GROUP:ARTIFACT` that it can do without. */
  readonly without?: readonly string[]
}

export const javaProgram = (): string | undefined => programPath(JAVA_17) ?? programPath('java')

const element = (name: string, text: string): string => `<${name}>${text}</${name}>`

function identity(name: string): string {
  const [group = '', artifact = '', version, type, classifier] = name.split(':')
  return [
    element('groupId', group) + element('artifactId', artifact),
    version === undefined ? '' : element('version', version),
    type === undefined ? '' : element('type', type),
    classifier === undefined ? '' : element('classifier', classifier),
  ].join('')
}

function project(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(({ name, without = [] }) => {
    // An archive has all that it needs in it.
    const needless = name.split(':').length > 3 ? ['*:*'] : without
    const exclusions = needless.map(one => element('exclusion', identity(one)))
    return element('dependency', identity(name) + element('exclusions', exclusions.join('')))
  })
  const head = element('modelVersion', '4.0.0') + identity('netally.test:servers:1') + element('packaging', 'pom')
  return element('project', head + element('dependencies', dependencies.join('')))
}

/** What Maven says first of all that went wrong. */
function reasonOf(error: unknown): string {
  const said = (error as { stdout?: string }).stdout ?? String(error)
  return /\[ERROR\] (.*?)(?: -> \[Help|\n|$)/.exec(said)?.[1] ?? String(error)
}

async function resolve(pom: string, file: string): Promise<readonly string[]> {
  const part = `${file}.part`
  const goal = ['org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath', '-DincludeScope=runtime']
  const where = [`-Dmaven.repo.local=${join(cacheFolder(), 'maven')}`, `-Dmdep.outputFile=${part}`]
  await run(['mvn', '-B', '-ntp', '-f', pom, ...goal, ...where], process.env, '', MAVEN_MS)
  renameSync(part, file)
  return readFileSync(file, 'utf8').trim().split(':')
}

/** Files of artifacts and of all that they need; downloads what is not in the cache. */
export async function mavenFiles(artifacts: readonly Artifact[]): Promise<readonly string[] | Skipped> {
  const text = project(artifacts)
  const folder = join(cacheFolder(), 'classpaths')
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const file = join(folder, `${name}.txt`)
  return locked('maven', async () => {
    if (existsSync(file)) {
      const files = readFileSync(file, 'utf8').trim().split(':')
      if (files.every(one => existsSync(one))) return files
    }
    const missing = missingPrograms('maven, openjdk-17-jre-headless', 'mvn', 'java')
    if (missing) return missing
    mkdirSync(folder, { recursive: true })
    const pom = join(folder, `${name}.pom`)
    writeFileSync(pom, text)
    return resolve(pom, file).catch(error => ({ skipped: `Maven did not resolve it: ${reasonOf(error)}` }))
  })
}

export interface JavaServer {
  readonly java: string
  readonly files: readonly string[]
  /** The version of the first artifact. */
  readonly version: string
}

/** A JVM and what it shall run; the skip when either cannot be had. */
export async function javaServer(...artifacts: readonly Artifact[]): Promise<JavaServer | Skipped> {
  const java = javaProgram()
  if (!java) return { skipped: 'not installed: java (Debian package openjdk-17-jre-headless)' }
  const files = await mavenFiles(artifacts)
  if ('skipped' in files) return files
  return { java, files, version: artifacts[0]?.name.split(':')[2] ?? '' }
}

/** Options that keep a JVM small on a busy machine. */
export const smallJvm = (megabytes: number): string[] => [
  `-Xmx${megabytes}m`,
  ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Djava.awt.headless=true'],
  '-Djava.net.preferIPv4Stack=true',
]
