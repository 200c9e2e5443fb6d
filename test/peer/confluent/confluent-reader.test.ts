import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRegistry, type RegistryServer } from '../../server/registry.ts'
import { requireConfluentReader, requireRegistry } from '../../server/require.ts'
import { basicLogin, bearerLogin, startConfluentReader, type ConfluentReader } from './confluent-reader.ts'

const SCHEMA = {
  type: 'record',
  name: 'R',
  namespace: 's.t',
  fields: [{ name: 'id', type: 'long' }, { name: 'n', type: ['null', { type: 'int', 'connect.type': 'int16' }], default: null }],
  'connect.name': 's.t.R',
}
// zigzag of 2^53 + 1 in seven bits a byte; branch 1, zigzag of -3
const VALUE = '82808080808080200205'

const withRegistry = await requireRegistry()
const withReader = await requireConfluentReader()
withRegistry('what Confluent reads with a registry', () => {
  withReader('and its jars', () => {
    let registry: RegistryServer
    let reader: ConfluentReader
    let framed: Buffer
    beforeAll(async () => {
      ;[registry, reader] = await Promise.all([startRegistry(), startConfluentReader()])
      const { body } = await registry.fetch('/subjects/t-value/versions', { method: 'POST', body: { schema: JSON.stringify(SCHEMA) } })
      framed = Buffer.from(`00${(body as { id: number }).id.toString(16).padStart(8, '0')}${VALUE}`, 'hex')
    })
    afterAll(async () => {
      await reader[Symbol.asyncDispose]()
      await registry[Symbol.asyncDispose]()
    })

    it('is the value of the framed bytes by its writer\'s schema, exactly', async () => {
      const [read] = await reader.avro([framed], { registry: registry.url, topic: 't' })
      expect(read).toMatchObject({ schema: SCHEMA, value: { n: { int: -3 } } })
      expect(read!.text).toContain('"id":9007199254740993')
    })

    it('is data of Connect with its schema', async () => {
      const [read] = await reader.connect([framed], { registry: registry.url, topic: 't' })
      expect(read!.text).toContain('"payload":{"id":9007199254740993,"n":-3}')
      expect(read!.schema).toMatchObject({ type: 'struct', name: 's.t.R', fields: [{ type: 'int64', optional: false, field: 'id' }, { type: 'int16', optional: true, field: 'n' }] })
    })

    it('is had with a login, and not without', async () => {
      const request = { registry: registry.url, topic: 't' }
      registry.front.requireLogin({ basic: 'user:pass word' })
      expect(await reader.avro([framed], { ...request, config: basicLogin('user', 'pass word') })).toHaveLength(1)
      await expect(reader.avro([framed], { ...request, config: basicLogin('user', 'wrong') })).rejects.toThrow(/401|Unauthorized/)
      registry.front.requireLogin({ bearer: 'token' })
      expect(await reader.connect([framed], { ...request, config: bearerLogin('token') })).toHaveLength(1)
      await expect(reader.connect([framed], request)).rejects.toThrow(/401|Unauthorized/)
      registry.front.requireLogin(undefined)
    })

    it('is an error for another frame, an unknown schema, and a value cut short', async () => {
      const request = { registry: registry.url, topic: 't' }
      await expect(reader.avro([Buffer.from('01', 'hex')], request)).rejects.toThrow()
      await expect(reader.avro([Buffer.from('007f00000000', 'hex')], request)).rejects.toThrow(/40403|not found/i)
      await expect(reader.avro([framed.subarray(0, -1)], request)).rejects.toThrow(/EOFException/)
    })
  })
})
