// Writes a slot's changes to Kafka as Avro with the library, until it is ended.
import { createEngine, memoryOffsets } from '../../dist/index.js'
import { debeziumAvro } from '../../dist/format/avro/index.js'
import { kafkaSink } from '../../dist/kafka.js'
import { postgres } from '../../dist/source/postgres/index.js'

const job = JSON.parse(process.argv[2])
const engine = createEngine({
  name: 'bench',
  source: postgres({
    connection: job.url,
    tables: [`public.${job.table}`],
    slot: { name: job.slot, create: false },
    publication: { name: job.publication, create: 'disabled' },
    snapshot: { mode: 'no_data' },
  }),
  offsets: memoryOffsets(),
  format: debeziumAvro({ logicalName: job.prefix, registry: { urls: job.registry }, headerSchemas: false }),
  sink: kafkaSink({ brokers: [job.broker] }),
})
await engine.run()
