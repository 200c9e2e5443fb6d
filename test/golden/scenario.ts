import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { LeftBehind } from './left-behind.ts'

const FOLDER = path.join(import.meta.dirname, 'postgresql')

/** One engine run of a scenario, and what it is to print. */
export interface ScenarioRun {
  /** Runs before the engine. */
  readonly before: string
  /** Changes of the configuration. */
  readonly properties: Readonly<Record<string, string>>
  /** Runs while the engine streams. */
  readonly stream: string
  /** Runs after the engine has stopped. */
  readonly between: string
  /** The NDJSON lines Debezium's engine gave. */
  readonly events: readonly string[]
  /** The NDJSON lines that tailrace is to give where other records than Debezium's are right: see docs/differences.md. */
  readonly ours: readonly string[] | undefined
  /** What Debezium left behind it, where that was kept. */
  readonly left?: LeftBehind
  /** Debezium stopped with an error here. */
  readonly fails: boolean
  /** The engine is to stop by itself after so many records. */
  readonly stopAfter: number | undefined
}

/** A server that one scenario is for. */
export interface OwnServer {
  /** The port that it was captured on, which is part of its `server_uuid`. */
  readonly port: string
  readonly gtid: boolean
  readonly settings: Readonly<Record<string, string>>
}

export interface Scenario {
  /** `postgresql`, `mysql`, `mariadb`, `mariadb/11.8`. */
  readonly folder: string
  readonly name: string
  readonly server: OwnServer | undefined
  readonly setup: string
  readonly config: string
  readonly runs: readonly ScenarioRun[]
}

/** What rules know it by: `mysql/types`, and PostgreSQL's as `types`. */
export function placeOf({ folder, name }: Scenario): string {
  return folder === 'postgresql' ? name : `${folder}/${name}`
}

export function scenarioNames(): string[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** One of each kind, and what a sink could spoil: several runs, tombstones, destinations, headers, large and binary values, messages. */
const CHOSEN: ReadonlySet<string> = new Set([
  'basics', 'converter-null-default', 'ddl', 'defaults', 'defaults-no-replace', 'identifiers', 'identifiers-avro', 'identifiers-avro-fail', 'messages', 'messages-schemas', 'replica-identity',
  'replica-identity-nothing', 'restart', 'restart-initial', 'restart-mid-snapshot', 'schemas-basics', 'schemas-types', 'snapshot-initial', 'toast', 'toast-schemas', 'tombstones-off', 'topic-names', 'transactions', 'transactions-schemas', 'truncate', 'types',
])

/** The scenarios that go through a sink: all of them with GOLDEN_SINK=all. */
export function sinkScenarios(): string[] {
  return scenarioNames().filter((name) => process.env['GOLDEN_SINK'] === 'all' || CHOSEN.has(name))
}

/** Reads a scenario's folder: setup.sql, config.properties, and for each run stream.sql, events.ndjson (.gz), error.txt. */
export function readScenario(name: string): Scenario {
  const dir = path.join(FOLDER, name)
  const text = (file: string): string => (existsSync(path.join(dir, file)) ? readFileSync(path.join(dir, file), 'utf8') : '')
  const own = text('config.properties')
  const options = new Map([...own.matchAll(/^#@\s*([\w-]+)=(.*)$/gm)].map(([, option, value]) => [option, value?.trim()]))
  const count = Number(options.get('runs') ?? 1)
  const runs = Array.from({ length: count }, (_, i): ScenarioRun => {
    const suffix = count > 1 ? `-${i + 1}` : ''
    const records = options.get(`records${suffix}`)
    return {
      before: '',
      properties: {},
      ours: undefined,
      stream: text(`stream${suffix}.sql`),
      between: text(`between${suffix}.sql`),
      events: eventsText(path.join(dir, `events${suffix}.ndjson`)).split('\n').filter(Boolean),
      fails: existsSync(path.join(dir, `error${suffix}.txt`)),
      stopAfter: records === undefined ? undefined : Number(records),
    }
  })
  return { folder: 'postgresql', name, server: undefined, setup: text('setup.sql'), config: readFileSync(path.join(FOLDER, 'base.properties'), 'utf8') + '\n' + own, runs }
}

/** The file as captured; large ones are kept compressed. */
export function eventsText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : gunzipSync(readFileSync(`${file}.gz`)).toString('utf8')
}
