import type { describe } from 'vitest'
import { startMariadb } from './mariadb.ts'
import type { MysqlServer, MysqlServerOptions } from './mysql-server.ts'
import { startMysql } from './mysql.ts'
import { requireMariadb, requireMysql } from './require.ts'

/** One of the servers that tests of both kinds run against. */
export interface MysqlKind {
  readonly name: string
  readonly kind: 'mysql' | 'mariadb'
  /** In place of `describe`. */
  readonly suite: ReturnType<typeof describe.skipIf>
  readonly start: (options?: MysqlServerOptions) => Promise<MysqlServer>
}

/** All that there are, for tests that hold for each. */
export async function everyMysql(): Promise<MysqlKind[]> {
  return [
    { name: 'MySQL', kind: 'mysql', suite: await requireMysql(), start: (options) => startMysql(options) },
    { name: 'MariaDB 10.11', kind: 'mariadb', suite: await requireMariadb('10.11'), start: (options) => startMariadb({ version: '10.11', ...options }) },
    { name: 'MariaDB 11.8', kind: 'mariadb', suite: await requireMariadb('11.8'), start: (options) => startMariadb({ version: '11.8', ...options }) },
  ]
}
