import { requireMariadb } from '../server/require.ts'
import { mysqlSuite } from './mysql-suite.ts'

// GOLDEN_MYSQL=all runs every scenario, a list of names these.
mysqlSuite(await requireMariadb('10.11'), 'MariaDB 10.11', 'mariadb')
mysqlSuite(await requireMariadb('11.8'), 'MariaDB 11.8', 'mariadb/11.8')
