// mysql --quick -B: the plain way to read a whole table, row by row as text. The yardstick of the snapshot.
import { measureProgram } from '../process.mjs'

/** @type {import('./mysql-all.mjs').MysqlPeer} */
export const mysqlClient = {
  name: 'mysql --quick -B',
  flavors: ['mysql', 'mariadb'],
  workloads: ['snapshot'],
  missing: async () => undefined,
  version: async () => 'of the server’s packages',
  read: (job) => {
    const { file, args } = job.server.command(job.flavor === 'mysql' ? 'mysql' : 'mariadb', [
      '--no-defaults', '--quick', '-B', `--host=${job.host}`, `--port=${job.port}`, '--user=root', '--protocol=tcp', ...(job.flavor === 'mysql' ? ['--ssl-mode=DISABLED'] : ['--skip-ssl']),
      '-e', `select * from ${job.database}.${job.table}`,
    ])
    return measureProgram({ command: file, args, rows: job.rows })
  },
}
