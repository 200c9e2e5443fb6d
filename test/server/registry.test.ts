import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { isAlive } from './process.ts'
import { startRegistry, type RegistryServer } from './registry.ts'
import { requireRegistry } from './require.ts'

// A Java that starts is work for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const RECORD = { type: 'record', name: 'R', namespace: 's.t', fields: [{ name: 'id', type: 'long' }] }
const INCOMPATIBLE = { ...RECORD, fields: [{ name: 'id', type: 'string' }] }

const withRegistry = await requireRegistry()
withRegistry('a schema registry of a test', () => {
  let registry: RegistryServer
  beforeAll(async () => {
    registry = await startRegistry({ storage: 'file', compatibility: 'NONE' })
  })
  afterAll(async () => {
    await registry[Symbol.asyncDispose]()
  })

  it('stands still while it is paused, and its front asks for a login', async () => {
    registry.pause()
    await expect(fetch(`${registry.url}/subjects`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/)
    registry.resume()
    expect((await fetch(`${registry.url}/subjects`)).status).toBe(200)
    registry.front.requireLogin({ basic: 'u:p' })
    expect((await fetch(`${registry.url}/subjects`)).status).toBe(401)
    expect(await registry.fetch('/config')).toMatchObject({ status: 200, body: { compatibilityLevel: 'NONE' } })
    registry.front.requireLogin(undefined)
  })

  it('keeps schemas and levels in its file when it is killed, on the same address', async () => {
    const { url, pid } = registry
    await registry.fetch('/config', { method: 'PUT', body: { compatibility: 'FULL' } })
    const [status, { id }] = await register(RECORD)
    expect(status).toBe(200)
    expect(await register(INCOMPATIBLE)).toMatchObject([409, { error_code: 409 }])
    await registry.kill()
    expect(isAlive(pid!)).toBe(false)
    expect((await fetch(`${url}/subjects`)).status).toBe(502)
    await registry.start()
    expect(registry.url).toBe(url)
    expect(await register(RECORD)).toMatchObject([200, { id }])
    expect(await registry.fetch('/config')).toMatchObject({ body: { compatibilityLevel: 'FULL' } })
  })

  /** As a serialiser does, through the front. */
  async function register(schema: unknown): Promise<[number, { id?: number }]> {
    const body = JSON.stringify({ schema: JSON.stringify(schema) })
    const response = await fetch(`${registry.url}/subjects/a-value/versions`, { method: 'POST', headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' }, body })
    return [response.status, (await response.json()) as { id?: number }]
  }
})
