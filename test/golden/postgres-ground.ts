import path from 'node:path'
import type { PostgresServer } from '../server/postgres.ts'
import type { Ground } from './ground.ts'
import type { Scenario } from './scenario.ts'

/** The goldens hold it in source.db. */
const DATABASE = 'lab'

export class PostgresGround implements Ground {
  readonly environment = {}
  readonly #server: PostgresServer

  constructor(server: PostgresServer) {
    this.#server = server
  }

  async prepare({ name, config, setup }: Scenario, dir: string): Promise<string> {
    await this.#server.createDatabase(DATABASE)
    await this.script(setup)
    const values: Record<string, string> = {
      HOST: this.#server.host,
      PORT: String(this.#server.port),
      USER: 'postgres',
      PASSWORD: 'postgres',
      DB: DATABASE,
      SLOT: `lab_${name.replace(/[^a-z0-9_]/gi, '_').toLowerCase()}`,
      OFFSETS: path.join(dir, 'offsets.dat'),
      TMP: dir,
    }
    return config.replace(/@([A-Z_]+)@/g, (text, place: string) => values[place] ?? text)
  }

  async script(sql: string): Promise<void> {
    await this.#server.script(DATABASE, sql)
  }

  async clear(): Promise<void> {
    await this.#server.dropDatabase(DATABASE)
  }
}
