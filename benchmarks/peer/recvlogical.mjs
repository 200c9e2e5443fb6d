// pg_recvlogical: PostgreSQL's own client in C. It decodes nothing: pgoutput's bytes go to /dev/null as they come.
import { findProgram, programVersion } from '../machine.mjs'
import { measureProgram } from '../process.mjs'

const program = findProgram('pg_recvlogical')

/** @type {import('./all.mjs').Peer} */
export const recvlogical = {
  name: 'pg_recvlogical',
  workloads: ['bulk', 'single'],
  missing: async () => (program === undefined ? 'no pg_recvlogical on the PATH (Debian: postgresql-client, postgresql-common)' : undefined),
  version: async () => programVersion(/** @type {string} */ (program)),
  read: (job) => measureProgram({
    command: /** @type {string} */ (program),
    args: [`--dbname=${job.url}`, `--slot=${job.slot}`, '--start', '--file=-', '--no-loop', `--endpos=${job.endLsn}`,
      '--option=proto_version=1', `--option=publication_names=${job.publication}`],
    rows: job.rows,
  }),
}
