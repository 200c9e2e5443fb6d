import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { debianTree } from './debian.ts'
import { startBuild, type MysqlBuild, type MysqlServer, type MysqlServerOptions } from './mysql-server.ts'

export type { MysqlServer, MysqlSettings } from './mysql-server.ts'

const run = promisify(execFile)

/** Debian's unstable release is where a MySQL can be had: 9.7 when this was written, and nothing older is kept there. */
const WISH = { name: 'mysql', suite: 'sid', packages: ['mysql-server-core', 'mysql-client-core'] }

export interface MysqlOptions extends MysqlServerOptions {
  /** `gtid_mode` and `enforce_gtid_consistency`. Default true. */
  readonly gtid?: boolean
  /** `binlog_row_metadata`. Default MINIMAL, the server's own. */
  readonly metadata?: 'FULL' | 'MINIMAL'
  /** `server_uuid`; default: a new one. */
  readonly uuid?: string
}

/** Starts a MySQL of its own. */
export async function startMysql({ gtid = true, metadata = 'MINIMAL', uuid, ...options }: MysqlOptions = {}): Promise<MysqlServer> {
  const mode = gtid ? 'ON' : 'OFF'
  const settings = { 'gtid-mode': mode, 'enforce-gtid-consistency': mode, 'binlog-row-metadata': metadata, ...options.settings }
  return await startBuild(await installMysql(), { ...options, settings }, async (dataDir) => {
    // else every copy of the template would be the same server
    await rm(path.join(dataDir, 'auto.cnf'))
    if (uuid !== undefined) await writeFile(path.join(dataDir, 'auto.cnf'), `[auto]\nserver-uuid=${uuid}\n`)
  })
}

/** Fetched and initialised on the first call. Errors: ServerUnavailableError. */
export async function installMysql(): Promise<MysqlBuild> {
  const tree = await debianTree(WISH)
  const inTree = (folder: string): string => path.join(tree.root, folder)
  const places = {
    basedir: inTree('usr'), 'lc-messages-dir': inTree('usr/share/mysql'), 'character-sets-dir': inTree('usr/share/mysql/charsets'), 'plugin-dir': inTree('usr/lib/mysql/plugin'),
    'innodb-redo-log-capacity': '32M', mysqlx: 'OFF',
  }
  const program = 'usr/sbin/mysqld'
  const template = await tree.made('data-1', async (data) => {
    const users = `${data}.sql`
    await writeFile(users, "CREATE USER 'root'@'%' IDENTIFIED BY '';\nGRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;\n")
    const settings = Object.entries({ datadir: data, 'init-file': users, ...places }).map(([name, value]) => `--${name}=${value}`)
    const { file, args } = tree.command(program, ['--no-defaults', '--initialize-insecure', ...(process.getuid?.() === 0 ? ['--user=root'] : []), ...settings])
    await run(file, args, { maxBuffer: 16_000_000 })
  })
  return { title: 'MySQL', tree, program, template, settings: places }
}
