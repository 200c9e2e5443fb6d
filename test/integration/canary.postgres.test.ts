import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHANNELS, debeziumJson, fileOffsets, streamSink, type Logger, type TailraceError } from '../../src/index.ts'
import type { PostgresConnection, PostgresOptions } from '../../src/source/postgres/index.ts'
import { runCommand, startCommand } from '../server/command.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres, requireTls } from '../server/require.ts'
import { runEngine, type EngineRun, type RunOptions } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const withTls = await requireTls()
const DB = 'secret'
const PASSWORD = 'canary-password-8431'
const PASSPHRASE = 'canary-passphrase-7718'
const KEY_TEXT = 'canary-key-5519'
const VALUE = 'canary-value-2207'
/** PostgreSQL quotes it: `date field value out of range: 4711-77-99`. */
const DATE_VALUE = '4711-77-99'
const DATES = 'create table dates (id int primary key, y int, m int, d int)'
const DATE = 'values (1, 4711, 77, 99)'
const CANARIES = [PASSWORD, PASSPHRASE, KEY_TEXT, VALUE, DATE_VALUE]

/** Everything that can be seen of an engine from outside, but for the changes themselves. */
class Told implements Disposable {
  readonly logger: Logger
  readonly #seen: string[] = []
  readonly #listeners = Object.values(CHANNELS).map((name) => ({ name, listen: (message: unknown) => this.keep(name, message) }))

  constructor() {
    const log = (level: string) => (message: string, detail?: object) => this.keep(`log ${level}`, { message, detail })
    this.logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
    for (const { name, listen } of this.#listeners) subscribe(name, listen)
  }

  get count(): number {
    return this.#seen.length
  }

  keep(where: string, thing: unknown): void {
    this.#seen.push(`${where}: ${everythingOf(thing)}`)
  }

  /** No canary in anything that was told. */
  expectClean(): void {
    expect(this.count).toBeGreaterThan(0)
    expect(this.#seen.filter((text) => CANARIES.some((canary) => text.includes(canary)))).toEqual([])
  }

  [Symbol.dispose](): void {
    for (const { name, listen } of this.#listeners) unsubscribe(name, listen)
  }
}

/** As JSON, as text, and as a debugger shows it: hidden properties, stacks and causes included. */
function everythingOf(thing: unknown): string {
  const shown = inspect(thing, { depth: 30, showHidden: true, maxStringLength: null, maxArrayLength: null, getters: true })
  const causes = thing instanceof Error && thing.cause !== undefined ? everythingOf(thing.cause) : ''
  return [shown, JSON.stringify(thing) ?? '', String(thing), thing instanceof Error ? thing.stack : '', causes].join('\n')
}

/** Passes everything on, but spoils the byte this far before a text that the server sends. */
async function spoilingRelay(target: number, text: string, before: number): Promise<{ readonly port: number } & AsyncDisposable> {
  const open = new Set<Socket>()
  const relay = createServer((client) => {
    const server = connect(target, '127.0.0.1')
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => [client, server].forEach((either) => either.destroy()))
    }
    client.on('data', (chunk) => server.write(chunk))
    server.on('data', (chunk) => {
      const at = chunk.indexOf(text)
      if (at >= before) chunk[at - before] = 0x71
      client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  return {
    port: (relay.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => relay.close(resolve))
    },
  }
}

withPostgres('secrets and row values are told to nobody', () => {
  let server: PostgresServer
  let folder: string
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17, hba: ['host all secretive 127.0.0.1/32 scram-sha-256'] })
    await server.query(`create role secretive superuser login password '${PASSWORD}'`)
    folder = mkdtempSync(path.join(tmpdir(), 'tailrace-canary-'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id text primary key, v text, n numeric, d date)', DB)
    name = `canary_${++count}`
  })

  const login = (): PostgresConnection => ({ host: server.host, port: server.port, user: 'secretive', password: PASSWORD, database: DB, sslmode: 'disable' })
  const insert = (value: string): Promise<unknown> => server.query('insert into t values ($1, $1)', DB, [value])

  function start(told: Told, options: Partial<RunOptions> = {}): EngineRun {
    const run = runEngine({
      port: server.port, database: DB, name, offsets: path.join(folder, `${count}.json`), ...options,
      source: { connection: login(), slot: { name, activeTimeoutMs: 0 }, publication: { name }, status: { intervalMs: 100 }, ...options.source },
      engine: { logger: told.logger, retry: { maxAttempts: 1, maxStartAttempts: 0, initialDelayMs: 1 }, ...options.engine },
    })
    for (const event of ['warning', 'retry', 'state', 'offset', 'delivered'] as const) run.engine.on(event, (message: unknown) => told.keep(event, message))
    return run
  }

  /** Keeps what is left at the end, and looks through everything. */
  function clean(told: Told, run: EngineRun, error?: TailraceError): void {
    told.keep('engine', run.engine)
    told.keep('stats', run.engine.stats())
    if (error !== undefined) told.keep('error', error)
    for (const file of readdirSync(folder).filter((entry) => entry.startsWith(`${count}.json`))) told.keep(file, readFileSync(path.join(folder, file), 'utf8'))
    told.expectClean()
  }

  it.each(['parts', 'a URL'])('while all goes well, with the password in %s', async (how) => {
    await insert(VALUE)
    using told = new Told()
    const connection = how === 'parts' ? login() : `postgresql://secretive:${PASSWORD}@${server.host}:${server.port}/${DB}?sslmode=disable`
    await using run = start(told, { source: { connection } })
    await run.streaming()
    await server.query(`update t set v = v || '2'; update t set id = id || '3'; delete from t`, DB)
    await run.delivered(5)
    await run.settled()
    told.keep('findings', await run.engine.preflight())
    await run.stop()
    expect(JSON.stringify(run.seen)).toContain(VALUE)
    clean(told, run)
  })

  it('a lost connection', async () => {
    using told = new Told()
    await using run = start(told)
    await run.streaming()
    await insert(VALUE)
    await run.delivered(1)
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tailrace'`)
    await run.until(() => run.retries.length > 0, 'the retry')
    await insert(`${VALUE}2`)
    await run.delivered(2)
    await run.stop()
    clean(told, run)
  })

  const failures: Readonly<Record<string, { readonly code: string; readonly source?: () => Partial<PostgresOptions>; readonly engine?: RunOptions['engine']; readonly handle?: RunOptions['handle']; readonly before?: () => Promise<unknown>; readonly during?: () => Promise<unknown> }>> = {
    'a wrong password': { code: 'TR_PG_AUTH', source: () => ({ connection: { ...login(), password: `${PASSWORD}-wrong` } }) },
    'a wrong password in a URL': { code: 'TR_PG_AUTH', source: () => ({ connection: `postgresql://secretive:${PASSWORD}-wrong@${server.host}:${server.port}/${DB}?sslmode=disable` }) },
    'a password from a function that fails': { code: 'TR_PG_CONNECT', source: () => ({ connection: { ...login(), password: () => Promise.reject(new Error('the vault is closed')) } }) },
    'nothing listens': { code: 'TR_PG_CONNECT', source: () => ({ connection: `postgresql://secretive:${PASSWORD}@127.0.0.1:1/${DB}` }) },
    'a missing database': { code: 'TR_PG_DATABASE_MISSING', source: () => ({ connection: { ...login(), database: 'nowhere' } }) },
    'TLS that the server has not': { code: 'TR_PG_TLS', source: () => ({ connection: { ...login(), sslmode: 'require', sslpassword: PASSPHRASE } }) },
    'a row filter that stumbles over a value of the snapshot': {
      code: 'TR_PG_QUERY', source: () => ({ publication: { name, create: 'disabled' } }),
      before: () => server.query(`${DATES}; insert into dates ${DATE}; create publication ${name} for table dates where (make_date(y, m, d) is not null) with (publish = 'insert')`, DB),
    },
    'a row filter that stumbles over a value of the stream': {
      code: 'TR_PG_QUERY', source: () => ({ publication: { name, create: 'disabled' } }),
      before: () => server.query(`${DATES}; create publication ${name} for table dates where (make_date(y, m, d) is not null) with (publish = 'insert')`, DB), during: () => server.query(`insert into dates ${DATE}`, DB),
    },
    'a row that is larger than allowed': { code: 'TR_PG_MESSAGE_TOO_LARGE', source: () => ({ limits: { maxMessageBytes: 2048 } }), during: () => insert(VALUE.repeat(100)) },
    'a row that is larger than allowed in the snapshot': { code: 'TR_PG_MESSAGE_TOO_LARGE', source: () => ({ limits: { maxMessageBytes: 2048 } }), before: () => insert(VALUE.repeat(100)) },
    'a value that cannot be represented': {
      code: 'TR_VALUE_CONVERSION', during: () => server.query(`insert into t values ('${VALUE}', '${VALUE}', 'NaN', 'infinity')`, DB),
      engine: { sink: streamSink(new Writable({ write: (_chunk, _encoding, done) => done() })), format: debeziumJson({ logicalName: 'x', modes: { conversionFailure: 'fail' } }) },
    },
    'an output that fails': {
      code: 'TR_SINK_FAILED', during: () => insert(VALUE),
      engine: { sink: streamSink(new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })) })) },
    },
  }

  it.each(Object.keys(failures))('%s', async (what) => {
    const { code, source, engine, handle, before, during } = failures[what]!
    await before?.()
    using told = new Told()
    await using run = start(told, { ...(source === undefined ? {} : { source: source() }), ...(engine === undefined ? {} : { engine: { ...engine, logger: told.logger, retry: { maxAttempts: 1, maxStartAttempts: 0, initialDelayMs: 1 } } }), ...(handle === undefined ? {} : { handle }) })
    if (during !== undefined) {
      await run.streaming()
      await during()
    }
    const error = await run.failure()
    expect(error).toMatchObject({ code })
    clean(told, run, error)
  })

  it('a value that cannot be represented, with warnings instead', async () => {
    using told = new Told()
    const written: Buffer[] = []
    const sink = streamSink(new Writable({
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk)
        done()
      },
    }))
    await using run = start(told, { engine: { logger: told.logger, sink, format: debeziumJson({ logicalName: 'x', schemasEnable: { key: false, value: false } }) } })
    await run.streaming()
    await server.query(`insert into t values ('${VALUE}', '${VALUE}', 'NaN', 'infinity')`, DB)
    await run.until(() => Buffer.concat(written).includes(VALUE), 'the row')
    await run.until(() => run.warnings.length > 0, 'a warning')
    await run.stop()
    clean(told, run)
  })

  it('a message that cannot be decoded', async () => {
    // the kind of the cell whose text this is
    await using relay = await spoilingRelay(server.port, VALUE, 5)
    using told = new Told()
    await using run = start(told, { source: { connection: { ...login(), port: relay.port } } })
    await run.streaming()
    await insert(VALUE)
    const error = await run.failure()
    expect(error).toMatchObject({ code: 'TR_PG_PROTOCOL' })
    clean(told, run, error)
  })

  it('a handler that throws: what it threw is the cause, untouched, and appears nowhere else', async () => {
    using told = new Told()
    const thrown = new Error(`no room for ${VALUE}`)
    await using run = start(told, { handle: () => Promise.reject(thrown) })
    await run.streaming()
    await insert(VALUE)
    const error = await run.failure()
    expect(error).toMatchObject({ code: 'TR_SINK_FAILED' })
    expect(error.cause).toBe(thrown)
    told.keep('error', { message: error.message, json: error.toJSON() })
    told.keep('offset', existsSync(path.join(folder, `${count}.json`)))
    told.expectClean()
  })

  it('an offset file of somebody else', async () => {
    const file = path.join(folder, `${count}.json`)
    await using other = fileOffsets(file)
    await other.load(name)
    using told = new Told()
    await using run = start(told)
    const error = await run.failure()
    expect(error).toMatchObject({ code: 'TR_OFFSET_LOCKED' })
    clean(told, run, error)
  })

  describe('the command', () => {
    function configuration(properties: Readonly<Record<string, string | number>> = {}): string {
      const all = {
        'name': name, 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': 'x',
        'database.hostname': server.host, 'database.port': server.port, 'database.user': 'secretive', 'database.password': PASSWORD, 'database.dbname': DB, 'database.sslmode': 'disable',
        'slot.name': name, 'publication.name': name, 'publication.autocreate.mode': 'filtered', 'offset.storage.file.filename': path.join(folder, `${count}.command.json`), 'errors.max.retries': 1,
        'errors.retry.delay.initial.ms': 1, 'slot.max.retries': 0, ...properties,
      }
      const file = path.join(folder, `${count}.properties`)
      writeFileSync(file, Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join(''))
      return file
    }

    it.each(['json', 'text'])('while all goes well, status as %s: rows on standard output, nothing else anywhere', async (status) => {
      await insert(VALUE)
      await using command = startCommand(['run', configuration(), '--status', status])
      await command.until('stdout', (text) => text.includes(VALUE))
      command.kill('SIGTERM')
      const { code, stdout, stderr } = await command.ended
      expect(code).toBe(0)
      const offset = readFileSync(path.join(folder, `${count}.command.json`), 'utf8')
      expect(CANARIES.filter((canary) => `${stderr}${offset}`.includes(canary) || (canary !== VALUE && stdout.includes(canary)))).toEqual([])
    })

    it.each<[what: string, properties: Readonly<Record<string, string | number>>, exit: number]>([
      ['a wrong password', { 'database.password': `${PASSWORD}-wrong` }, 3],
      ['nothing listens', { 'database.port': 1 }, 5],
      ['a key that is none', { 'database.sslmode': 'require', 'database.sslkey': path.join('/nowhere', 'key.pem'), 'database.sslpassword': PASSPHRASE }, 3],
      ['a property that is not known', { 'databse.password': PASSWORD }, 2],
      ['another property that is not valid', { 'snapshot.mode': 'sometimes', 'database.sslpassword': PASSPHRASE }, 2],
    ])('%s: run and check', async (_, properties, exit) => {
      const file = configuration(properties)
      for (const args of [['run', file, '--status', 'json'], ['run', file], ['check', file]]) {
        const { code, stdout, stderr } = await runCommand(...args)
        expect(code).toBe(exit)
        expect(CANARIES.filter((canary) => `${stdout}${stderr}`.includes(canary))).toEqual([])
      }
    })
  })

  withTls('over TLS', () => {
    it.each<[what: string, key: string]>([
      ['that is no key', `-----BEGIN PRIVATE KEY-----\n${Buffer.from(KEY_TEXT).toString('base64')}\n${KEY_TEXT}\n-----END PRIVATE KEY-----\n`],
      ['whose passphrase is wrong', ''],
    ])('a key %s', async (_, text) => {
      await using secure = await startPostgres({ major: 17, tls: true })
      const { client, ca } = secure.certificates!
      const key = text === '' ? readFileSync(client.key, 'utf8') : text
      using told = new Told()
      await using run = start(told, { source: { connection: { host: 'localhost', port: secure.port, user: 'postgres', password: PASSWORD, database: 'postgres', sslmode: 'verify-full', sslrootcert: ca, sslcert: client.cert, sslkey: text === '' ? `${key}${KEY_TEXT}`.replace('BEGIN EC', 'BEGIN ENCRYPTED') : key, sslpassword: PASSPHRASE } } })
      const error = await run.failure()
      expect(error).toMatchObject({ code: 'TR_PG_TLS' })
      clean(told, run, error)
    })
  })
})
