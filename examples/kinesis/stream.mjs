// @ts-check
// Every change of the orders to Amazon Kinesis, in the order of each order's changes.
import { createEngine, debeziumJson, fileOffsets } from 'tailrace'
import { kinesisSink } from 'tailrace/kinesis'
import { postgres } from 'tailrace/postgres'

const { DATABASE_URL = '', OFFSET_FILE = 'orders.offset.json', AWS_REGION = 'eu-central-1', KINESIS_ENDPOINT } = process.env

const engine = createEngine({
  name: 'orders',
  source: postgres({ connection: DATABASE_URL, tables: ['public.orders'] }),
  format: debeziumJson({ logicalName: 'shop', schemasEnable: { key: false, value: false } }),
  offsets: fileOffsets(OFFSET_FILE),
  sink: kinesisSink({
    region: AWS_REGION,
    ...(KINESIS_ENDPOINT === undefined ? {} : { endpoint: KINESIS_ENDPOINT }),
    createStreams: { shards: 2 },
  }),
})

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
engine.on('state', ({ state }) => process.send?.(state))
engine.on('warning', (error) => console.error(error.code, error.message))
await engine.run({ signal: stop.signal })
process.disconnect?.()
