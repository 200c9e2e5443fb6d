import { expect, it } from 'vitest'
import { startKafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { isAlive } from './process.ts'
import { startRegistry } from './registry.ts'
import { requireKafkaClient, requireRegistry } from './require.ts'

const RECORD = { type: 'record', name: 'R', namespace: 's.t', fields: [{ name: 'id', type: 'long' }] }
const INCOMPATIBLE = { ...RECORD, fields: [{ name: 'id', type: 'string' }] }

const withRegistry = await requireRegistry()
withRegistry('a schema registry of a test', () => {
  it('keeps schemas and levels in its file when it is killed, on the same address', async () => {
    await using registry = await startRegistry({ storage: 'file' })
    const { url } = registry
    const register = (schema: unknown): Promise<[number, unknown]> => post(`${url}/subjects/a-value/versions`, { schema: JSON.stringify(schema) })
    const [status, { id }] = (await register(RECORD)) as [number, { id: number }]
    expect(status).toBe(200)
    expect(await register(INCOMPATIBLE)).toMatchObject([409, { error_code: 409 }])
    await registry.fetch('/config', { method: 'PUT', body: { compatibility: 'FULL' } })
    const { pid } = registry
    await registry.kill()
    expect(isAlive(pid!)).toBe(false)
    expect((await fetch(`${url}/subjects`)).status).toBe(502)
    await registry.start()
    expect(registry.url).toBe(url)
    expect(await register(RECORD)).toMatchObject([200, { id }])
    expect(await registry.fetch('/config')).toMatchObject({ body: { compatibilityLevel: 'FULL' } })
  })

  it('stands still while it is paused, and its front asks for a login', async () => {
    await using registry = await startRegistry({ compatibility: 'NONE' })
    registry.pause()
    await expect(fetch(`${registry.url}/subjects`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/)
    registry.resume()
    expect((await fetch(`${registry.url}/subjects`)).status).toBe(200)
    registry.front.requireLogin({ basic: 'u:p' })
    expect((await fetch(`${registry.url}/subjects`)).status).toBe(401)
    expect(await registry.fetch('/config')).toMatchObject({ status: 200, body: { compatibilityLevel: 'NONE' } })
  })
})

const withClient = await requireKafkaClient()
withRegistry('what the Java client reads with a registry', () => {
  withClient('and its jars', () => {
    it('is the value that the framed bytes hold, for Avro and for Connect', async () => {
      await using registry = await startRegistry()
      await using client = await startKafkaClient()
      const schema = { ...RECORD, 'connect.name': 's.t.R', fields: [...RECORD.fields, { name: 'n', type: ['null', { type: 'int', 'connect.type': 'int16' }], default: null }] }
      const [, { id }] = (await post(`${registry.url}/subjects/a-value/versions`, { schema: JSON.stringify(schema) })) as [number, { id: number }]
      const frame = Buffer.alloc(5)
      frame.writeUInt32BE(id, 1)
      // zigzag of 2^53 + 1 in seven bits a byte; branch 1; zigzag of -3
      const framed = Buffer.concat([frame, Buffer.from('82808080808080200205', 'hex')])
      registry.front.requireLogin({ bearer: 'secret' })
      const request = { registry: registry.url, authorization: 'Bearer secret' }
      const [avro] = await client.avro([framed], request)
      expect(avro).toMatchObject({ id, schema: { name: 'R' }, value: { n: { int: -3 } } })
      expect(avro!.text).toContain('"id":9007199254740993')
      const [connect] = await client.connectOfAvro([framed], request)
      expect(connect!.text).toContain('"payload":{"id":9007199254740993,"n":-3}')
      expect(connect!.schema).toMatchObject({ type: 'struct', name: 's.t.R', fields: [{ type: 'int64', optional: false, field: 'id' }, { type: 'int16', optional: true, field: 'n' }] })
      await expect(client.avro([Buffer.concat([framed, Buffer.from([0])])], request)).rejects.toThrow('left over')
      await expect(client.avro([Buffer.from([0, 127, 0, 0, 0, 0])], { registry: registry.url })).rejects.toThrow('the registry answered 401')
    })
  })
})

async function post(url: string, body: unknown): Promise<[number, unknown]> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' }, body: JSON.stringify(body) })
  return [response.status, await response.json()]
}
