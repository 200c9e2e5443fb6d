// psql \copy: the plain way to read a whole table, as COPY's text. The yardstick of the snapshot.
import { findProgram, programVersion } from '../machine.mjs'
import { measureProgram } from '../process.mjs'

const program = findProgram('psql')

/** @type {import('./all.mjs').Peer} */
export const psql = {
  name: 'psql \\copy',
  workloads: ['snapshot'],
  missing: async () => (program === undefined ? 'no psql on the PATH' : undefined),
  version: async () => programVersion(/** @type {string} */ (program)),
  read: (job) => measureProgram({
    command: /** @type {string} */ (program),
    args: ['-X', '-q', job.url, '-c', `\\copy (select * from ${job.table}) to /dev/null`],
    rows: job.rows,
  }),
}
