// Reads a slot with the library until all rows have come, and measures itself.
import { createEngine, debeziumJson, memoryOffsets } from '../../dist/index.js'
import { postgres } from '../../dist/source/postgres/index.js'
import { Meter } from './meter.mjs'

const job = JSON.parse(process.argv[2])
const meter = new Meter(job.rows)
let seen = 0

/** Takes the records as bytes and drops them, but looks at where each begins and ends, so that none is free. */
const dropBytes = {
  accepts: 'records',
  async write({ records }) {
    for (let at = records.first; at < records.end; at++) seen += records.valueEnd[at] - records.valueStart[at]
    if (meter.count(records.end - records.first)) meter.report()
    return 'durable'
  },
  async flush() {},
  async [Symbol.asyncDispose]() {},
}

/** Reads every column's value of every event. */
async function readFields(events) {
  for (const event of events) {
    const row = event.after
    for (const column in row) if (row[column] !== null) seen++
  }
  if (meter.count(events.length)) meter.report()
}

/** Decodes nothing: what is left is reading the stream. */
async function countEvents(events) {
  if (meter.count(events.length)) meter.report()
}

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
  // as in the properties file of the other peers
  format: debeziumJson({ logicalName: 'bench', schemasEnable: { key: false, value: false, header: false } }),
  sink: { sink: dropBytes, callback: readFields, nothing: countEvents }[job.mode],
})
await engine.run()
