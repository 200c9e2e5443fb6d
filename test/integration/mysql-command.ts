import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand, startCommand, type Ended, type RunningCommand } from '../server/command.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import type { ServerKind } from './mysql-run.ts'

export type Properties = Readonly<Record<string, string | number | undefined>>

/** A value that no error and no status line may have; rows and passwords are made of it. */
export const CANARY = 'cAnArY4711'

/** What a command that failed said of it. */
export interface Failure {
  readonly exit: number | null
  readonly code: string
  readonly message: string
  readonly remedy: string
  /** Everything on standard error. */
  readonly stderr: string
}

/** Configurations for the public command against one server, each with an offset file and a schema history of its own. */
export class CommandFolder implements Disposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'tailrace-bad-'))
  readonly #kind: ServerKind
  #count = 0

  constructor(kind: ServerKind) {
    this.#kind = kind
  }

  /** Another scenario begins. */
  next(): void {
    this.#count++
  }

  file(name: string): string {
    return path.join(this.#folder, `${this.#count}.${name}`)
  }

  /** What the scenario's runs left in the folder, beside the configuration. */
  left(): string[] {
    return readdirSync(this.#folder).filter((name) => name.startsWith(`${this.#count}.`) && !name.endsWith('.properties'))
  }

  configuration(server: MysqlServer, database: string, properties: Properties = {}): string {
    const [connector, of] = this.#kind === 'MySQL' ? ['mysql.MySqlConnector', '192'] : ['mariadb.MariaDbConnector', '193']
    const all = {
      'name': `bad-${this.#count}`, 'connector.class': `io.debezium.connector.${connector}`, 'topic.prefix': 'x', 'database.server.id': `${of}${this.#count}`,
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'cdc', 'database.password': CANARY, 'database.include.list': database,
      'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory', 'schema.history.internal.file.filename': this.file('history.ndjson'),
      'offset.storage.file.filename': this.file('offset.json'), 'offset.flush.interval.ms': 0, 'include.schema.changes': 'false', 'connect.keep.alive.interval.ms': 1_000,
      'errors.max.retries': 1, 'errors.retry.delay.initial.ms': 1, ...properties,
    }
    const file = this.file('properties')
    writeFileSync(file, Object.entries(all).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}\n`).join(''))
    return file
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** `tailrace run` with its life cycle as JSON. */
export function startRun(configuration: string): RunningCommand {
  return startCommand(['run', configuration, '--status', 'json'])
}

export async function failedRun(configuration: string): Promise<Failure> {
  return failureOf(await runCommand('run', configuration, '--status', 'json'))
}

/** The last line of the status: why it ended. */
export function failureOf({ code, stderr }: Ended): Failure {
  const last = JSON.parse(stderr.split('\n').at(-2) ?? '{}') as Partial<Failure> & { state?: string }
  if (last.state !== 'failed') throw new Error(`it did not fail: ${stderr}`)
  return { exit: code, code: last.code ?? '', message: last.message ?? '', remedy: last.remedy ?? '', stderr }
}

/** `c1 u1 …`: operation and id of each record on standard output. */
export function records(stdout: string): string[] {
  return stdout.split('\n').slice(0, -1).map((line) => {
    const { value } = JSON.parse(line) as { value: Envelope | { payload: Envelope } | null }
    const record = value !== null && 'payload' in value ? value.payload : value
    return record === null ? 'tombstone' : `${record.op}${String((record.after ?? record.before)?.id)}`
  }).filter((record) => record !== 'tombstone')
}

interface Envelope {
  readonly op: string
  readonly before: { readonly id?: number } | null
  readonly after: { readonly id?: number } | null
}
