// pg-logical-replication: the usual Node client. It decodes every row to an object.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runReporter } from '../process.mjs'

const child = fileURLToPath(new URL('plr-child.mjs', import.meta.url))
const version = async () => {
  const main = createRequire(import.meta.url).resolve('pg-logical-replication')
  return JSON.parse(readFileSync(join(dirname(main), '../package.json'), 'utf8')).version
}
const reader = (name, acknowledge) => ({
  name,
  workloads: ['bulk', 'single'],
  missing: async () => undefined,
  version,
  read: (job) => runReporter({ command: process.execPath, args: [child, JSON.stringify({ ...job, acknowledge })] }),
})

/** As it comes: every message is acknowledged. */
export const plrDefault = reader('pg-logical-replication', true)
/** Without acknowledging, which no program can run with for long: the cost of reading and decoding alone. */
export const plrSilent = reader('pg-logical-replication, no ack', false)
