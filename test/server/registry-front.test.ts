import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import os from 'node:os'
import path from 'node:path'
import https from 'node:https'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startRegistryFront, type RegistryFront } from './registry-front.ts'
import { requireTls } from './require.ts'
import { makeCertificates } from './tls.ts'

/** Counts what it got, and says so. */
const behind = createServer((request, response) => {
  request.resume().on('end', () => {
    counted++
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method: request.method, path: request.url, authorization: request.headers.authorization ?? null }))
  })
})
let counted = 0
let front: RegistryFront
beforeAll(async () => {
  behind.listen(0, '127.0.0.1')
  await once(behind, 'listening')
  front = await startRegistryFront({ target: (behind.address() as AddressInfo).port, prefix: '/api' })
})
afterAll(async () => {
  await front[Symbol.asyncDispose]()
  behind.close()
  behind.closeAllConnections()
})
beforeEach(() => {
  front.clear()
  front.requireLogin(undefined)
  front.requests.length = 0
  counted = 0
})

async function ask(method = 'GET', headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const response = await fetch(`${front.url}/subjects?deleted=true`, { method, headers, ...(method === 'POST' ? { body: '{"schema":"é"}' } : {}) })
  return [response.status, await response.json()]
}

it('passes on what is not scripted, and remembers it', async () => {
  expect(await ask('POST')).toEqual([200, { method: 'POST', path: '/api/subjects?deleted=true', authorization: null }])
  expect(front.requests).toEqual([{ method: 'POST', path: '/subjects?deleted=true', authorization: undefined, body: '{"schema":"é"}' }])
})

it('asks for a login where it is told to', async () => {
  front.requireLogin({ basic: 'user:pass word' })
  const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`
  expect(await ask()).toEqual([401, { error_code: 401, message: 'Unauthorized' }])
  expect((await ask('GET', { authorization: basic('user:wrong') }))[0]).toBe(401)
  expect(counted).toBe(0)
  // the login is for the front alone
  expect(await ask('GET', { authorization: basic('user:pass word') })).toEqual([200, { method: 'GET', path: '/api/subjects?deleted=true', authorization: null }])
  front.requireLogin({ bearer: 'token' })
  expect((await ask('GET', { authorization: 'Bearer token' }))[0]).toBe(200)
  expect((await ask('GET', { authorization: 'Bearer other' }))[0]).toBe(401)
})

it('answers chosen requests by script, as often as it was told', async () => {
  front.answer({ status: 409, errorCode: 40901, message: 'incompatible' }, { when: ({ method }) => method === 'POST', times: 1 })
  front.answer({ status: 503, headers: { 'retry-after': '1' } }, { times: 1 })
  expect(await ask('POST')).toEqual([409, { error_code: 40901, message: 'incompatible' }])
  expect(await ask()).toEqual([503, { error_code: 503, message: 'scripted' }])
  expect(counted).toBe(0)
  expect((await ask('POST'))[0]).toBe(200)
})

it('loses the answer to a request that was carried out', async () => {
  front.answer({ status: 500, after: true }, { times: 1 })
  expect((await ask('POST'))[0]).toBe(500)
  expect(counted).toBe(1)
})

it('leaves a request without an answer until it is told otherwise', async () => {
  front.answer('hang')
  await expect(fetch(front.url, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/)
  const late = ask()
  while (front.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(counted).toBe(0)
  front.clear()
  expect((await late)[0]).toBe(200)
})

it('cuts the connection', async () => {
  front.answer('reset', { times: 1 })
  await expect(ask()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
  expect((await ask())[0]).toBe(200)
})

it('answers 502 when nobody is behind it', async () => {
  await using alone = await startRegistryFront()
  expect((await fetch(alone.url)).status).toBe(502)
})

const withTls = await requireTls()
withTls('with a certificate', () => {
  it('serves HTTPS', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-front-'))
    try {
      const { ca, strangerCa, server } = makeCertificates(dir)
      await using secure = await startRegistryFront({ tls: server })
      secure.answer({ status: 200, body: '[]' })
      const status = async (authority: string): Promise<number | undefined> => {
        const request = https.get(secure.url, { ca: readFileSync(authority), agent: false })
        const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume(): void }]
        response.resume()
        return response.statusCode
      }
      expect(await status(ca)).toBe(200)
      await expect(status(strangerCa)).rejects.toThrow(/certificate|signature/)
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})
