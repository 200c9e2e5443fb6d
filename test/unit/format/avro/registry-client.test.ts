import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TailraceError } from '../../../../src/error/tailrace-error.ts'
import type { RegistryOptions } from '../../../../src/format/avro/options.ts'
import { registryClient } from '../../../../src/format/avro/registry-client.ts'
import { freePort } from '../../../server/port.ts'
import { startRegistryFront, type RegistryFront, type ScriptedAnswer } from '../../../server/registry-front.ts'
import { requireTls } from '../../../server/require.ts'
import { makeCertificates, type Certificates } from '../../../server/tls.ts'

const ABOUT = { subject: 'shop.public.orders-value', table: 'public.orders', event: 'pg:1:2:0/3:0/4:0' }
const QUICK = { retryDelayMs: 1, maxRetryDelayMs: 4, timeoutMs: 5_000 }

let front: RegistryFront
beforeAll(async () => {
  front = await startRegistryFront()
})
afterAll(async () => await front[Symbol.asyncDispose]())
afterEach(() => {
  front.clear()
  front.requireLogin(undefined)
  front.requests.length = 0
})

const ask = async (options: Partial<RegistryOptions> = {}, signal = AbortSignal.timeout(20_000), how: 'register' | 'lookUp' = 'register'): Promise<number> =>
  await registryClient({ urls: front.url, ...QUICK, ...options })[how](ABOUT.subject, '"string"', ABOUT, signal)

/** The error, of which nothing may be secret. */
async function failure(options: Partial<RegistryOptions> = {}, how: 'register' | 'lookUp' = 'register'): Promise<TailraceError> {
  const error = await ask(options, undefined, how).then(
    (id) => {
      throw new Error(`it answered ${id}`)
    },
    (reason: unknown) => reason as TailraceError,
  )
  const everything = JSON.stringify(error) + String(error) + error.remedy + String((error.cause as Error | undefined)?.message)
  for (const secret of ['s3cret', Buffer.from('user:s3cret').toString('base64')]) expect(everything).not.toContain(secret)
  return error
}

describe('requests', () => {
  test('a schema is registered under its subject, or looked up there, each with one POST', async () => {
    front.answer({ status: 200, body: '{"id":41}' })
    expect(await ask()).toBe(41)
    expect(await ask({}, undefined, 'lookUp')).toBe(41)
    expect(front.requests.map(({ method, path: at, body }) => `${method} ${at} ${body}`)).toEqual([
      `POST /subjects/${ABOUT.subject}/versions {"schema":"\\"string\\""}`,
      `POST /subjects/${ABOUT.subject} {"schema":"\\"string\\""}`,
    ])
  })

  test('a subject is one part of the path, whatever is in it', async () => {
    front.answer({ status: 200, body: '{"id":1}' })
    await registryClient({ urls: `${front.url}/apis/ccompat/v7/`, ...QUICK }).register('a/b é?', '"int"', ABOUT, AbortSignal.timeout(20_000))
    expect(front.requests[0]!.path).toBe('/apis/ccompat/v7/subjects/a%2Fb%20%C3%A9%3F/versions')
  })

  test.each<[string, (url: string) => Partial<RegistryOptions>, string]>([
    ['user and password', () => ({ auth: { username: 'user', password: 's3cret' } }), `Basic ${Buffer.from('user:s3cret').toString('base64')}`],
    ['user and password in the address', (url) => ({ urls: url.replace('//', '//user:s3%63ret@') }), `Basic ${Buffer.from('user:s3cret').toString('base64')}`],
    ['a token', () => ({ auth: { bearer: 's3cret' } }), 'Bearer s3cret'],
    ['a token that is asked for', () => ({ auth: { bearer: async () => await Promise.resolve('s3cret') } }), 'Bearer s3cret'],
  ])('%s are sent', async (_, options, header) => {
    front.answer({ status: 200, body: '{"id":7}' })
    expect(await ask(options(front.url))).toBe(7)
    expect(front.requests[0]!.authorization).toBe(header)
  })
})

describe('answers', () => {
  test.each<[string, ScriptedAnswer, 'register' | 'lookUp', string]>([
    ['401', { status: 401, message: 'who is user:s3cret' }, 'register', 'TR_AVRO_REGISTRY_AUTH'],
    ['403', { status: 403 }, 'register', 'TR_AVRO_REGISTRY_AUTH'],
    ['409, incompatible', { status: 409, message: 'READER_FIELD_MISSING_DEFAULT_VALUE' }, 'register', 'TR_AVRO_INCOMPATIBLE'],
    ['404, 40401: no such subject', { status: 404, errorCode: 40401 }, 'lookUp', 'TR_AVRO_SCHEMA_MISSING'],
    ['404, 40403: no such schema', { status: 404, errorCode: 40403 }, 'lookUp', 'TR_AVRO_SCHEMA_MISSING'],
    ['404 of something else', { status: 404, body: '<html>not here</html>' }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
    ['422, 42201: no Avro', { status: 422, errorCode: 42201 }, 'register', 'TR_AVRO_SCHEMA_INVALID'],
    ['422, 42205: read-only', { status: 422, errorCode: 42205, message: 'Subject is in read-only mode' }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
    ['200 without an id', { status: 200, body: '{"id":"7"}' }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
    ['200 with an id beyond 32 bits', { status: 200, body: '{"id":2147483648}' }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
    ['200 with no JSON', { status: 200, body: 'welcome' }, 'register', 'TR_AVRO_REGISTRY_ANSWER'],
  ])('%s', async (_, answer, how, code) => {
    front.answer(answer)
    const error = await failure({ auth: { username: 'user', password: 's3cret' } }, how)
    expect(error).toMatchObject({ code, kind: 'definite', where: { ...ABOUT, registry: front.url, status: answer.status } })
    if (answer.message !== undefined && !answer.message.includes('s3cret')) expect(error.message).toContain(answer.message)
    // a definite answer is no reason to ask again
    expect(front.requests).toHaveLength(1)
  })

  test('what is incompatible is said with the subject, the table and the event', async () => {
    front.answer({ status: 409 })
    const { message } = await failure()
    for (const part of Object.values(ABOUT)) expect(message).toContain(part)
  })
})

describe('a registry that is unwell', () => {
  test.each(['reset', { status: 500, errorCode: 50001 }, { status: 503 }, { status: 429, headers: { 'retry-after': '0' } }] as const)('%o is tried again until it answers', async (answer) => {
    front.answer(answer, { times: 3 })
    front.answer({ status: 200, body: '{"id":5}' })
    expect(await ask({ maxRetries: 3 })).toBe(5)
    expect(front.requests).toHaveLength(4)
  })

  test('after the retries it is a transient error', async () => {
    front.answer({ status: 503 })
    expect(await failure({ maxRetries: 2 })).toMatchObject({ code: 'TR_AVRO_REGISTRY', kind: 'transient', where: { ...ABOUT, attempts: 3 } })
    expect(front.requests).toHaveLength(3)
  })

  test('one that does not answer is given up after the time limit, one that is not there at once', async () => {
    front.answer('hang')
    const silent = await failure({ maxRetries: 0, timeoutMs: 100 })
    expect(silent).toMatchObject({ code: 'TR_AVRO_REGISTRY', kind: 'transient' })
    expect(silent.message).toContain('TimeoutError')
    const gone = await failure({ urls: `http://user:s3cret@127.0.0.1:${await freePort()}`, maxRetries: 0 })
    expect(gone).toMatchObject({ code: 'TR_AVRO_REGISTRY', kind: 'transient' })
    expect(gone.message).toContain('ECONNREFUSED')
  })

  test('the next address is tried, and the one that answered stays the first', async () => {
    await using other = await startRegistryFront()
    front.answer({ status: 503 })
    other.answer({ status: 200, body: '{"id":9}' })
    const client = registryClient({ urls: [front.url, other.url], ...QUICK })
    for (let turn = 0; turn < 3; turn++) expect(await client.register(ABOUT.subject, '"string"', ABOUT, AbortSignal.timeout(20_000))).toBe(9)
    expect(front.requests).toHaveLength(1)
    expect(other.requests).toHaveLength(3)
  })

  test('a stop ends the request, and the wait between two', async () => {
    front.answer('hang', { times: 1 })
    const stop = new AbortController()
    const hanging = ask({}, stop.signal)
    await expect.poll(() => front.requests.length).toBe(1)
    stop.abort(new Error('stopped'))
    await expect(hanging).rejects.toThrow('stopped')

    front.answer({ status: 503 })
    const later = new AbortController()
    const waiting = ask({ retryDelayMs: 60_000, maxRetryDelayMs: 60_000 }, later.signal)
    await expect.poll(() => front.requests.length).toBe(2)
    later.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
  })
})

describe('addresses', () => {
  test.each([
    ['none', [], 'names no address'], ['no URL', 'registry s3cret', 'is no URL'], ['another protocol', 'ftp://user:s3cret@host', 'neither http: nor https:'],
    ['a query', 'http://host/?token=s3cret', 'query'], ['a password that is not encoded', 'http://user:s3cret%@host', 'percent-encoded'],
    ['the second is wrong', ['http://one', 's3cret'], 'address 2'],
  ])('%s is refused, without being repeated', (_, urls, said) => {
    let error: TailraceError | undefined
    try {
      registryClient({ urls })
    } catch (reason) {
      error = reason as TailraceError
    }
    expect(error).toMatchObject({ code: 'TR_CONFIG_INVALID' })
    expect(error!.message).toContain(said)
    expect(JSON.stringify(error)).not.toContain('s3cret')
  })
})

test('numbers that are none are refused, all at once', () => {
  expect(() => registryClient({ urls: front.url, timeoutMs: 0, maxRetries: -1, retryDelayMs: 0.5, maxRetryDelayMs: Number.NaN })).toThrow(/timeoutMs.*maxRetries.*retryDelayMs.*maxRetryDelayMs/)
})

const withTls = await requireTls()
withTls('TLS', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'tailrace-registry-tls-'))
  let certificates: Certificates
  const pem = (file: string): string => readFileSync(file, 'utf8')

  beforeAll(() => {
    certificates = makeCertificates(dir)
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  test('an authority of one’s own is trusted, a stranger and Node’s own are not', async () => {
    await using secure = await startRegistryFront({ tls: certificates.server })
    secure.answer({ status: 200, body: '{"id":3}' })
    expect(await ask({ urls: secure.url, tls: { ca: pem(certificates.ca) } })).toBe(3)
    for (const options of [{ tls: { ca: [pem(certificates.strangerCa)] } }, {}]) {
      expect(await failure({ urls: secure.url, ...options })).toMatchObject({ code: 'TR_AVRO_REGISTRY_TLS', kind: 'definite' })
    }
  })

  test('a certificate for another host is refused, unless that name is expected', async () => {
    await using secure = await startRegistryFront({ tls: certificates.otherHost })
    secure.answer({ status: 200, body: '{"id":3}' })
    expect(await failure({ urls: secure.url, tls: { ca: pem(certificates.ca) } })).toMatchObject({ code: 'TR_AVRO_REGISTRY_TLS' })
    expect(await ask({ urls: secure.url, tls: { ca: pem(certificates.ca), servername: 'db.elsewhere.test' } })).toBe(3)
  })

  test('a client certificate is shown', async () => {
    const { server, ca, client } = certificates
    const names: unknown[] = []
    const asking = https.createServer({ cert: pem(server.cert), key: pem(server.key), ca: pem(ca), requestCert: true, rejectUnauthorized: true }, (request, response) => {
      names.push((request.socket as TLSSocket).getPeerCertificate().subject.CN)
      request.resume().on('end', () => response.end('{"id":8}'))
    }).listen(0, '127.0.0.1')
    await once(asking, 'listening')
    const urls = `https://localhost:${(asking.address() as AddressInfo).port}`
    try {
      expect(await ask({ urls, tls: { ca: pem(ca), cert: pem(client.cert), key: pem(client.key) } })).toBe(8)
      expect(names).toEqual(['postgres'])
      await failure({ urls, tls: { ca: pem(ca) }, maxRetries: 0 })
    } finally {
      asking.closeAllConnections()
      asking.close()
    }
  })
})
