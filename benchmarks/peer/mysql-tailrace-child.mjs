// Reads the binary log, or a whole table, with the library until all rows have come, and measures itself.
import { createEngine, debeziumJson, fileSchemaHistory, memoryOffsets, memorySchemaHistory } from '../../dist/index.js'
import { debeziumFileOffsets } from '../../dist/debezium/index.js'
import { mariadb } from '../../dist/source/mariadb/index.js'
import { mysql } from '../../dist/source/mysql/index.js'
import { measuredSink } from './measured-sink.mjs'

const job = JSON.parse(process.argv[2])
const source = job.flavor === 'mysql' ? mysql : mariadb

const engine = createEngine({
  name: 'bench',
  source: source({
    connection: { host: job.host, port: job.port, user: 'root', password: '', sslMode: 'disabled' },
    serverId: job.serverId,
    tables: [`${job.database}.${job.table}`],
    history: job.snapshot ? memorySchemaHistory() : fileSchemaHistory(job.place.history),
    historyServer: 'bench',
    snapshot: { mode: job.snapshot ? 'initial' : 'no_data' },
  }),
  offsets: job.snapshot ? memoryOffsets() : debeziumFileOffsets(job.place.offset, { server: 'bench', source: job.flavor }),
  // as in the properties file of the other peers
  format: debeziumJson({ logicalName: 'bench', schemasEnable: { key: false, value: false, header: false } }),
  sink: measuredSink(job),
})
await engine.run()
