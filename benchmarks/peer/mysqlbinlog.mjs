// mysqlbinlog -v, MySQL's own reader in C: it asks the server for the log as a replica does, and prints every row.
import { measureProgram } from '../process.mjs'

/** @type {import('./mysql-all.mjs').MysqlPeer} */
export const mysqlbinlog = {
  name: 'mysqlbinlog -v',
  flavors: ['mysql', 'mariadb'],
  workloads: ['bulk', 'single'],
  missing: async () => undefined,
  version: async () => 'of the server’s packages',
  read: (job) => {
    const { file, args } = job.server.command(job.flavor === 'mysql' ? 'mysqlbinlog' : 'mariadb-binlog', [
      '--no-defaults', '-R', '-v', `--host=${job.host}`, `--port=${job.port}`, '--user=root', '--protocol=tcp', ...(job.flavor === 'mysql' ? ['--ssl-mode=DISABLED'] : ['--skip-ssl']), job.file,
    ])
    return measureProgram({ command: file, args, rows: job.rows })
  },
}
