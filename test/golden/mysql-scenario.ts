import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { eventsText, type OwnServer, type Scenario, type ScenarioRun } from './scenario.ts'

export type MysqlFolder = 'mysql' | 'mariadb' | 'mariadb/11.8'

/** run.json, as the capture's runner had it. */
interface RunFile {
  /** The environment of the script that started the server. */
  readonly server?: Readonly<Record<string, string>>
  readonly phases?: readonly Phase[]
}

interface Phase {
  readonly config?: Readonly<Record<string, string>>
  readonly before?: string
  readonly stream?: string
  readonly after?: string
  readonly capture?: readonly string[]
  readonly out?: string
}

/** Folders that hold a whole scenario; of others there is the schema history alone. */
export function mysqlScenarioNames(folder: MysqlFolder): string[] {
  const home = path.join(import.meta.dirname, folder)
  return readdirSync(home).filter((name) => existsSync(path.join(home, name, 'setup.sql'))).sort()
}

/** One of each kind: GOLDEN_MYSQL=all runs all of them, a list with commas runs these. */
const CHOSEN: Readonly<Record<MysqlFolder, readonly string[]>> = {
  mysql: [
    'basics', 'basics-schemas', 'checksum-switch', 'compression', 'ddl', 'ddl-ansi-quotes', 'ddl-resolve-like', 'filter-database-include', 'filter-message-key', 'filter-table-include', 'gtid-includes', 'gtid-tagged', 'image-minimal', 'keys', 'packet-big', 'partial-json',
    'query-log', 'restart-midrow', 'restart-midrow-nogtid', 'restart-midtx', 'snapshot-initial', 'snapshot-recovery', 'tx-xa', 'types', 'types-connect-fail', 'types-metadata-full', 'types-schemas-modes',
  ],
  mariadb: ['basics', 'compression', 'ddl', 'ddl-sequence', 'ddl-system-versioned', 'gtid-domains', 'gtid-excludes', 'keys', 'restart-midrow', 'snapshot-schemas', 'snapshot-when-needed', 'tx-xa', 'types', 'types-compressed', 'types-inet6', 'types-modes', 'types-uuid'],
  'mariadb/11.8': ['ddl', 'types-vector'],
}

export function chosenScenarios(folder: MysqlFolder): string[] {
  const asked = process.env['GOLDEN_MYSQL'] ?? ''
  const chosen = asked === '' ? CHOSEN[folder] : asked.split(',')
  return mysqlScenarioNames(folder).filter((name) => asked === 'all' || chosen.includes(name))
}

/** Reads a scenario's folder: setup.sql, config.properties, run.json for several runs or another server, and for each run its script, events*.ndjson (.gz), error*.txt. */
export function readMysqlScenario(folder: MysqlFolder, name: string): Scenario {
  const dir = path.join(import.meta.dirname, folder, name)
  const text = (file: string | undefined): string => (file !== undefined && existsSync(path.join(dir, file)) ? readFileSync(path.join(dir, file), 'utf8') : '')
  const { server, phases = [{}] } = JSON.parse(text('run.json') || '{}') as RunFile
  const runs = phases.map((phase, i): ScenarioRun => {
    const suffix = phases.length > 1 ? `-${i + 1}` : ''
    const { capture = [] } = phase
    const records = capture[capture.indexOf('--records') + 1]
    return {
      before: text(phase.before),
      properties: phase.config ?? {},
      stream: text(phase.stream ?? (phases.length === 1 ? 'stream.sql' : undefined)),
      between: text(phase.after),
      events: lines(path.join(dir, `${phase.out ?? 'events'}.ndjson`)) ?? [],
      ours: lines(path.join(dir, `ours${suffix}.ndjson`)),
      left: { offset: offset(text(`offsets${suffix}.json`)), history: lines(path.join(dir, `schema-history${suffix}.ndjson`)) },
      fails: existsSync(path.join(dir, `error${suffix}.txt`)),
      stopAfter: capture.includes('--records') ? Number(records) : undefined,
    }
  })
  const base = readFileSync(path.join(import.meta.dirname, folder.split('/')[0]!, 'base.properties'), 'utf8')
  return { folder, name, server: server === undefined ? undefined : ownServer(server), setup: text('setup.sql'), config: `${base}\n${text('config.properties')}`, runs }
}

function ownServer({ MYSQL_PORT: port = '', MYSQL_GTID: gtid = 'ON', MYSQL_EXTRA: extra = '' }: Readonly<Record<string, string>>): OwnServer {
  const settings = extra.split(' ').filter(Boolean).map((option) => option.replace(/^--/, '').split('=') as [string, string])
  return { port, gtid: gtid === 'ON', settings: Object.fromEntries(settings) }
}

/** Of the one engine that has one in it. */
function offset(text: string): Readonly<Record<string, unknown>> | undefined {
  return text === '' ? undefined : (JSON.parse(text) as { value: Readonly<Record<string, unknown>> }[])[0]?.value
}

function lines(file: string): string[] | undefined {
  if (!existsSync(file) && !existsSync(`${file}.gz`)) return undefined
  return eventsText(file).split('\n').filter(Boolean)
}
