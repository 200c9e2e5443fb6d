// Reads a slot with pg-logical-replication until all rows and the last commit have come.
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import { Meter } from './meter.mjs'

const job = JSON.parse(process.argv[2])
const meter = new Meter(job.rows)
const config = job.acknowledge ? {} : { acknowledge: { auto: false, timeoutSeconds: 0 } }
const service = new LogicalReplicationService({ connectionString: job.url }, config)
let complete = false
service.on('data', (_lsn, message) => {
  if (message.tag === 'insert') complete = meter.count(1)
  else if (message.tag === 'commit' && complete) meter.report()
})
service.on('error', (error) => { throw error })
await service.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: [job.publication] }), job.slot)
