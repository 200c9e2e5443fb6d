import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { debianTree, type DebianTree } from './debian.ts'
import { startBuild, type MysqlBuild, type MysqlServer, type MysqlServerOptions } from './mysql-server.ts'

export const MARIADB_VERSIONS = ['10.11', '11.8'] as const
export type MariadbVersion = (typeof MARIADB_VERSIONS)[number]

/** The release of Debian that has it. */
const SUITE: Readonly<Record<MariadbVersion, string>> = { '10.11': 'bookworm', '11.8': 'trixie' }

export interface MariadbOptions extends MysqlServerOptions {
  readonly version: MariadbVersion
  /** `binlog_row_metadata`. Default NO_LOG, the server's own. */
  readonly metadata?: 'FULL' | 'MINIMAL' | 'NO_LOG'
}

/** Starts a MariaDB of its own. */
export async function startMariadb({ version, metadata = 'NO_LOG', ...options }: MariadbOptions): Promise<MysqlServer> {
  const settings = { 'binlog-row-metadata': metadata, ...options.settings }
  return await startBuild(await installMariadb(version), { ...options, settings })
}

/** Fetched and initialised on the first call. Errors: ServerUnavailableError. */
export async function installMariadb(version: MariadbVersion): Promise<MysqlBuild> {
  // the second two: mariadb-binlog, and plugins such as ed25519
  const tree = await debianTree({ name: 'mariadb', suite: SUITE[version], packages: ['mariadb-server-core', 'mariadb-client-core'], alone: ['mariadb-client', 'mariadb-server'] })
  const inTree = (folder: string): string => path.join(tree.root, folder)
  const share = existsSync(inTree('usr/share/mariadb/charsets')) ? inTree('usr/share/mariadb') : inTree('usr/share/mysql')
  const places = {
    basedir: inTree('usr'), 'lc-messages-dir': share, 'character-sets-dir': path.join(share, 'charsets'), 'plugin-dir': inTree('usr/lib/mysql/plugin'), 'innodb-log-file-size': '32M',
  }
  const program = 'usr/sbin/mariadbd'
  const template = await tree.made('data-1', async (data) => await bootstrap(tree, program, { datadir: data, ...places }, await systemTables(share), data))
  return { title: `MariaDB ${version}`, tree, program, template, settings: { ...places, 'binlog-format': 'ROW', 'binlog-row-image': 'FULL' } }
}

/** What mariadb-install-db runs, which is a script that looks for its programs in the system's folders. */
async function systemTables(share: string): Promise<string> {
  const files = await readdir(share)
  const named = (ending: string): string => path.join(share, files.find((file) => file.endsWith(ending)) ?? ending)
  const order = ['_system_tables.sql', '_performance_tables.sql', '_system_tables_data.sql', 'fill_help_tables.sql', 'maria_add_gis_sp_bootstrap.sql', '_sys_schema.sql']
  const parts = await Promise.all(order.map((ending) => readFile(named(ending), 'utf8')))
  // a statement ends at the end of a line here
  const begin = 'create database if not exists mysql;\nuse mysql;\nSET @auth_root_socket=NULL;\n'
  const users = "\ninsert into mysql.global_priv select '%', User, Priv from mysql.global_priv where Host = 'localhost' and User = 'root';\ndelete from mysql.global_priv where Host not in ('localhost', '%');\n"
  return begin + parts.join('\n') + users
}

async function bootstrap(tree: DebianTree, program: string, settings: Readonly<Record<string, string>>, sql: string, data: string): Promise<void> {
  const given = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const { file, args } = tree.command(program, [
    '--no-defaults', '--bootstrap', ...(process.getuid?.() === 0 ? ['--user=root'] : []), ...given, '--log-warnings=0', '--enforce-storage-engine=', '--max-allowed-packet=8M', '--net-buffer-length=16K',
  ])
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  // it may end before it has read all: its own words say more than EPIPE
  child.stdin.on('error', () => undefined)
  child.stdin.end(sql)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`mariadbd --bootstrap ended with ${code}: ${said}`)
  await writeFile(path.join(data, 'mysql_upgrade_info'), '')
}
