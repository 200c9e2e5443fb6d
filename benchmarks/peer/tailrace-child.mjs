// Reads a slot, or a whole table and then its slot, with the library until all rows have come, and measures itself.
import { createEngine, debeziumJson, memoryOffsets } from '../../dist/index.js'
import { postgres } from '../../dist/source/postgres/index.js'
import { measuredSink } from './measured-sink.mjs'

const job = JSON.parse(process.argv[2])

const engine = createEngine({
  name: 'bench',
  source: postgres({
    connection: job.url,
    tables: [`public.${job.table}`],
    slot: { name: job.slot, create: job.snapshot },
    publication: { name: job.publication, create: 'disabled' },
    snapshot: { mode: job.snapshot ? 'initial' : 'no_data' },
  }),
  offsets: memoryOffsets(),
  // as in the properties file of the other peers
  format: debeziumJson({ logicalName: 'bench', schemasEnable: { key: false, value: false, header: false } }),
  sink: measuredSink(job),
})
await engine.run()
