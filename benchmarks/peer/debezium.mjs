// Debezium's embedded engine (asynchronous), JSON without schemas; the records are counted and dropped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, findProgram, programVersion } from '../machine.mjs'
import { runReporter } from '../process.mjs'
import { writeProperties } from './properties.mjs'

const harness = fileURLToPath(new URL('debezium', import.meta.url))
const java = findProgram('java')
const maven = findProgram('mvn')
export const VERSION = '3.6.1.Final'
/** Half a gigabyte of heap: enough for its queues, and kinder to its memory figure than the JVM's own choice. */
const JVM = ['-Xmx512m']

/** Why Debezium cannot run here, or nothing. Builds its class path on the first call. */
export async function missing() {
  if (java === undefined) return 'no java on the PATH (17 or newer)'
  if (maven === undefined) return 'no mvn on the PATH'
  try {
    classPath()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The harness and all it needs, resolved and compiled once into the cache folder. */
function classPath() {
  const sources = ['pom.xml', 'src/main/java/tailrace/bench/DebeziumPeer.java', 'src/main/resources/logback.xml']
  const hash = createHash('sha256')
  for (const file of sources) hash.update(readFileSync(join(harness, file)))
  const build = join(cacheFolder(), `debezium-${VERSION}-${hash.digest('hex').slice(0, 12)}`)
  const file = join(build, 'classpath')
  if (!existsSync(file)) {
    console.log(`building the Debezium ${VERSION} harness with maven (once) …`)
    const list = join(cacheFolder(), 'debezium-dependencies')
    const made = spawnSync(/** @type {string} */ (maven), ['-q', '-B', '-f', join(harness, 'pom.xml'), `-Dbench.build=${build}`, 'compile', 'dependency:build-classpath', `-Dmdep.outputFile=${list}`], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`maven could not build the harness: ${(made.stdout + made.stderr).slice(-800)}`)
    writeFileSync(file, `${join(build, 'classes')}:${readFileSync(list, 'utf8').trim()}`)
  }
  return readFileSync(file, 'utf8')
}

/** @param {'count' | 'print'} mode count: report a reading at the end; print: every value as a line on stdout, at once */
export function command(job, mode, more, write = writeProperties) {
  const file = write(job, more)
  return { command: /** @type {string} */ (java), args: [...JVM, '-cp', classPath(), 'tailrace.bench.DebeziumPeer', file, mode, String(job.rows)] }
}

/** `write`: makes the properties file. */
export const reader = (name, more, write = writeProperties) => ({
  name,
  workloads: ['bulk', 'single'],
  missing,
  version: async () => `${VERSION}, ${programVersion(/** @type {string} */ (java), '-version')}`,
  read: (job) => runReporter(command(job, 'count', more, write)),
})

export const debeziumDefault = reader('Debezium', {})
export const debeziumPoll5 = reader('Debezium, poll 5 ms', { 'poll.interval.ms': '5' })
