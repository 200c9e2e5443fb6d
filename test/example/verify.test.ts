import { expect, it } from 'vitest'
import { startKinesis } from '../server/kinesis.ts'
import { startRegistry } from '../server/registry.ts'
import { requireKafka, requireKinesis, requirePostgres, requireRegistry } from '../server/require.ts'
import { runExample } from './run-example.ts'

const withPostgres = await requirePostgres(18)
const withKafka = await requireKafka()
const withRegistry = await requireRegistry()
const withKinesis = await requireKinesis('kinesalite')

withPostgres('examples, each with a verification of its own', () => {
  it('a cache beside its readers and writers keeps nothing that is stale', async () => {
    const { code, output } = await runExample('cache/verify.mjs', [])
    expect(output).toMatch(/^Verified: .* none stale$/m)
    expect(code).toBe(0)
  }, 60_000)

  withKinesis('Kinesis', () => {
    it('gets every change of a row, in order, through a kill', async () => {
      await using kinesis = await startKinesis('kinesalite')
      const { code, output } = await runExample('kinesis/verify.mjs', [], { KINESIS_ENDPOINT: kinesis.url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
      expect(output).toMatch(/^Verified: 200 changes of 20 orders/m)
      expect(code).toBe(0)
    }, 60_000)
  })

  withKafka('Kafka', () => {
    withRegistry('with a schema registry', () => {
      it('gets every event of an outbox once, through a kill of the bridge', async () => {
        await using registry = await startRegistry()
        const { code, output } = await runExample('event-store/verify.mjs', [], { REGISTRY_URL: registry.url })
        expect(output).toMatch(/^Verified: 400 events of 100 orders, each once and in order/m)
        expect(code).toBe(0)
      }, 120_000)
    })
  })
})
