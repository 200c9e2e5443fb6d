import { expect, it, vi } from 'vitest'
import { isAlive } from './process.ts'
import { startRegistry } from './registry.ts'
import { requireRegistry } from './require.ts'

// A Java that starts is work for a busy machine.
vi.setConfig({ testTimeout: 120_000 })

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

async function post(url: string, body: unknown): Promise<[number, unknown]> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' }, body: JSON.stringify(body) })
  return [response.status, await response.json()]
}
