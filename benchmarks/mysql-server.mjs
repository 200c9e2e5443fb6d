// A MySQL or MariaDB of our own for the measurements, had as the tests have it (test/server), gone afterwards.
import { register } from 'node:module'
import { clearInterval, setInterval } from 'node:timers'

// The disk and the background are not what is compared; what rules a dump of the log stays at its default.
const SETTINGS = { 'innodb-buffer-pool-size': '256M', 'innodb-flush-log-at-trx-commit': '0', 'sync-binlog': '0' }
const DESCRIBED = ['version', 'binlog_row_event_max_size', 'binlog_row_metadata', 'binlog_row_image', 'binlog_checksum', 'innodb_flush_log_at_trx_commit', 'sync_binlog', 'innodb_buffer_pool_size']

/** Starts the server. `mariadb`: the version of a MariaDB instead. */
export async function startMysqlServer({ mariadb }) {
  register('../scripts/typescript-hooks.mjs', import.meta.url)
  const server = mariadb === undefined
    ? await (await import('../test/server/mysql.ts')).startMysql({ settings: SETTINGS })
    : await (await import('../test/server/mariadb.ts')).startMariadb({ version: mariadb, settings: SETTINGS })
  return {
    flavor: /** @type {'mysql' | 'mariadb'} */ (mariadb === undefined ? 'mysql' : 'mariadb'),
    host: server.host,
    port: server.port,
    query: (sql, database) => server.query(sql, database),
    script: (sql, database) => server.script(sql, database),
    /** What to spawn to run a program of the server's packages. */
    command: (program, args) => server.command(program, args),
    describe: async () => {
      const settings = Object.fromEntries((await server.query('show global variables')).map((row) => [row.Variable_name, row.Value]))
      return Object.fromEntries(DESCRIBED.map((name) => [name, settings[name] ?? '']))
    },
    stop: async () => {
      // the server's process does not keep ours alive, and its end is waited for
      const alive = setInterval(() => {}, 1000)
      await server[Symbol.asyncDispose]()
      clearInterval(alive)
    },
  }
}
