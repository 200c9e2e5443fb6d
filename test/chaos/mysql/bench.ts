import path from 'node:path'
import type { MysqlServer } from '../../server/mysql-server.ts'
import type { CompiledChild } from '../compiled-child.ts'
import type { Verdict } from '../oracle.ts'
import { judge } from './oracle.ts'
import type { Kind, KillPoint, MysqlAttempt } from './order.ts'
import { MysqlProcess } from './process.ts'
import { DATABASE, empty, readTables } from './schema.ts'
import { Tables } from './tables.ts'
import { Truth } from './truth.ts'

const PATIENCE_MS = 30_000
const MARKER = '999999'

/** One engine and its processes, one after the other, on empty tables: where a mistake is brought to light without any chance. */
export class MysqlBench {
  readonly #server: MysqlServer
  readonly #kind: Kind
  readonly #child: CompiledChild
  readonly #file: (ending: string) => string
  readonly #truth: Truth
  readonly #attempts: MysqlAttempt[] = []
  /** What did not come about: then nothing is proved. */
  readonly missed: string[] = []

  private constructor(server: MysqlServer, kind: Kind, child: CompiledChild, file: (ending: string) => string, truth: Truth) {
    this.#server = server
    this.#kind = kind
    this.#child = child
    this.#file = file
    this.#truth = truth
  }

  static async open(server: MysqlServer, kind: Kind, child: CompiledChild, folder: string, number: number): Promise<MysqlBench> {
    const truth = new Truth(server)
    await server.createDatabase(DATABASE)
    await truth.skip()
    await server.script(empty(), DATABASE)
    return new MysqlBench(server, kind, child, (ending) => path.join(folder, `bench${number}.${ending}`), truth)
  }

  async sql(text: string): Promise<void> {
    await this.#server.leave(text, DATABASE)
  }

  /** An engine that streams, until `during` is over and it has killed itself at this point, or is killed. */
  async killed(at: { readonly point: KillPoint; readonly nth: number } | undefined, during: (engine: MysqlProcess) => Promise<void>): Promise<void> {
    await using engine = this.#start(at)
    if (!(await engine.inState('streaming', PATIENCE_MS))) this.missed.push('no engine streams')
    await during(engine)
    if (at !== undefined && !(await engine.ended(PATIENCE_MS / 3))) this.missed.push(`${at.point} was not reached`)
    await engine.kill()
    this.#attempts.push(engine.evidence)
  }

  /** The last process delivers what is left. */
  async finish(): Promise<Verdict> {
    await this.sql(`insert into marker (id, ver) values (${MARKER}, 1)`)
    await using engine = this.#start(undefined)
    await engine.delivers(MARKER, PATIENCE_MS / 3)
    engine.terminate()
    await engine.ended(PATIENCE_MS)
    await engine.kill()
    this.#attempts.push(engine.evidence)
    return judge({ tables: new Tables(), truth: await this.#truth.read(), attempts: this.#attempts, after: await readTables(this.#server) })
  }

  #start(at: { readonly point: KillPoint; readonly nth: number } | undefined): MysqlProcess {
    const log = this.#file(`${this.#attempts.length + 1}.log`)
    return new MysqlProcess(this.#child, {
      kind: this.#kind, port: this.#server.port, database: DATABASE, name: 'bench', offsets: this.#file('offset.json'), history: this.#file('history'), log, ignoreGtids: false, maxBatchEvents: 1, offsetIntervalMs: 0, sinkDelayMs: 15,
    }, at)
  }
}
