import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresServer } from '../server/postgres.ts'
import type { CompiledChild } from './compiled-child.ts'
import type { EngineOrder, LogLine } from './engine-order.ts'
import { EngineProcess, storedIn, type Attempt, type KillAt } from './engine-process.ts'
import { judge, type Verdict } from './oracle.ts'
import type { Row } from './row.ts'
import { readTables, SCHEMA, TABLES } from './schema.ts'
import { lsnOf, Truth } from './truth.ts'

const NAME = 'bench'
const LONG_MS = 20_000

/** One scenario’s database, with the steps scenarios are made of. */
export class Bench implements AsyncDisposable {
  readonly server: PostgresServer
  /** What the scenario wanted to happen and did not: it proves nothing then. Of no matter where the engine is mutated. */
  readonly missed: string[] = []
  readonly #child: CompiledChild
  readonly #database: string
  readonly #folder: string
  readonly #truth: Truth
  readonly #before: ReadonlyMap<string, readonly Row[]>
  readonly #attempts: Attempt[] = []
  readonly #sessions: pg.Client[] = []
  #started = 0

  private constructor(server: PostgresServer, child: CompiledChild, database: string, folder: string, truth: Truth, before: ReadonlyMap<string, readonly Row[]>) {
    this.server = server
    this.#child = child
    this.#database = database
    this.#folder = folder
    this.#truth = truth
    this.#before = before
  }

  static async open(server: PostgresServer, child: CompiledChild, database: string, folder: string): Promise<Bench> {
    await server.createDatabase(database)
    await server.query(SCHEMA, database)
    const truth = await Truth.start(server.url(database))
    return new Bench(server, child, database, path.join(folder, database), truth, await server.withClient(database, readTables))
  }

  async sql(text: string): Promise<void> {
    await this.server.query(text, this.#database)
  }

  /** A connection with a transaction of its own. */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.server.url(this.#database) })
    await client.connect()
    this.#sessions.push(client)
    return client
  }

  start(order: Partial<EngineOrder> = {}, killAt?: KillAt): EngineProcess {
    return new EngineProcess(this.#child, {
      port: this.server.port, database: this.#database, name: NAME, offsets: this.#offsets, log: `${this.#folder}.${++this.#started}.log`, tables: TABLES.map(({ name }) => name), maxBatchEvents: 16, offsetIntervalMs: 0, ...order,
    }, killAt)
  }

  /** Runs an engine until it kills itself. Where it has delivered everything without coming to that, it is killed all the same, and the scenario has missed its point. */
  async killedAt(killAt: KillAt, order: Partial<EngineOrder> = {}, meanwhile: (engine: EngineProcess) => Promise<void> = async () => {}): Promise<Attempt> {
    await using engine = this.start(order, killAt)
    await meanwhile(engine)
    const end = await this.walEnd()
    await engine.until(() => this.#storedBeyond(end), LONG_MS)
    if (engine.running) this.missed.push(`${killAt.point} for the ${killAt.nth}th time`)
    return await this.record(engine)
  }

  async streaming(engine: EngineProcess): Promise<void> {
    await this.reached(engine, (lines) => lines.some((line) => 'state' in line && line.state === 'streaming'), 'streaming')
  }

  /** Until so many events were delivered. */
  async delivered(engine: EngineProcess, count: number): Promise<void> {
    await this.reached(engine, (lines) => lines.filter((line) => 'e' in line).length >= count, `${count} events`)
  }

  async reached(engine: EngineProcess, satisfied: (lines: readonly LogLine[]) => boolean, what: string): Promise<void> {
    if (!(await engine.until(satisfied, LONG_MS)) && engine.running) throw new Error(`it did not come to this: ${what}`)
  }

  /** Where the server writes next. */
  async walEnd(): Promise<string> {
    return await this.server.value('select pg_current_wal_insert_lsn()::text', this.#database)
  }

  /** Until everything up to there is stored and confirmed. */
  async confirmed(engine: EngineProcess, lsn: string): Promise<void> {
    for (const end = performance.now() + LONG_MS; engine.running; await delay(5)) {
      const confirmed = await this.#confirmed()
      if (this.#storedBeyond(lsn) && confirmed !== null && lsnOf(confirmed) >= lsnOf(lsn)) return
      if (performance.now() > end) throw new Error(`${lsn} was not confirmed`)
    }
  }

  /** Ends it with SIGKILL and keeps what it did as evidence. `failure`: the code it had to fail with. */
  async record(engine: EngineProcess, failure?: string): Promise<Attempt> {
    await engine.kill()
    for (let tries = 0; tries < 200 && (await this.server.value('select exists (select from pg_replication_slots where slot_name = $1 and active)', this.#database, [NAME])) === true; tries++) await delay(5)
    const attempt = engine.attempt(await this.#confirmed())
    this.#attempts.push(attempt.failed?.code === failure ? { ...attempt, failed: undefined } : attempt)
    return attempt
  }

  /** The last process delivers what is left and stops in order; then the oracle judges. */
  async finish(): Promise<Verdict> {
    for (const session of this.#sessions.splice(0)) await session.end()
    await this.sql("insert into marker (tag) values ('end')")
    const end = await this.walEnd()
    await using engine = this.start({ maxBatchEvents: 500 })
    // an offset beyond the marker without the marker: it is lost, and nobody needs to wait for it
    const over = (lines: readonly LogLine[]): boolean => lines.some((line) => 'e' in line && line.a?.['tag'] === 'end') || this.#storedBeyond(end)
    await engine.until((lines) => lines.some((line) => 'state' in line && line.state === 'streaming') && over(lines), LONG_MS)
    engine.terminate()
    await engine.ended(LONG_MS)
    await this.record(engine)
    const after = await this.server.withClient(this.#database, readTables)
    return judge({ before: this.#before, after, truth: await this.#truth.read(), attempts: this.#attempts })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await session.end()
    await this.#truth[Symbol.asyncDispose]()
    await this.server.dropDatabase(this.#database)
  }

  get #offsets(): string {
    return `${this.#folder}.offset.json`
  }

  #storedBeyond(lsn: string): boolean {
    const stored = storedIn(this.#offsets)
    return stored?.phase === 'stream' && lsnOf(stored.lsn) >= lsnOf(lsn)
  }

  async #confirmed(): Promise<string | null> {
    const [slot] = await this.server.query<{ confirmed: string | null }>('select confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = $1', this.#database, [NAME])
    return slot?.confirmed ?? null
  }
}
