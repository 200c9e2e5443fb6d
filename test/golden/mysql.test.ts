import { requireMysql } from '../server/require.ts'
import { mysqlSuite } from './mysql-suite.ts'

// GOLDEN_MYSQL=all runs every scenario, a list of names these.
mysqlSuite(await requireMysql(), 'MySQL', 'mysql')
