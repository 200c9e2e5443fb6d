import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fromDebezium } from '../../../src/debezium/index.ts'
import { compileJavaPattern } from '../../../src/debezium/pattern/java-pattern.ts'
import { planOf, type Plan } from '../../../src/debezium/plan.ts'
import { readProperties } from '../../../src/debezium/properties-file.ts'
import { MysqlSource } from '../../../src/source/mysql/source.ts'
import type { TailraceError } from '../../../src/error/tailrace-error.ts'

const GOLDEN = path.join(import.meta.dirname, '../../golden')
const FLAVORS = ['mysql', 'mariadb'] as const

/** What is asked for by these is not there. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
}

function properties(flavor: string, scenario: string): ReadonlyMap<string, string> {
  const text = [`${flavor}/base.properties`, `${flavor}/${scenario}/config.properties`].map((file) => readFileSync(path.join(GOLDEN, file), 'utf8')).join('\n')
  return readProperties(text.replaceAll('${OUT}', '/var/lib'))
}

/** The plan of a scenario's configuration and these. */
function plan(flavor: string, scenario: string, more: Readonly<Record<string, string>> = {}): Plan {
  return planOf(new Map([...properties(flavor, scenario), ...Object.entries(more)]), false, {})
}

function refusal(more: Readonly<Record<string, string>>, flavor = 'mysql'): TailraceError {
  try {
    plan(flavor, 'basics', more)
  } catch (error) {
    return error as TailraceError
  }
  throw new Error('the configuration was accepted')
}

describe.each(FLAVORS)('the configurations that Debezium was recorded with, for %s', (flavor) => {
  const scenarios = readdirSync(path.join(GOLDEN, flavor)).filter((name) => existsSync(path.join(GOLDEN, flavor, name, 'config.properties')))

  test('are there', () => {
    expect(scenarios.length).toBe({ mysql: 77, mariadb: 50 }[flavor])
  })

  test.each(scenarios)('%s is understood without a warning, but for what is not there', (scenario) => {
    const { warnings, name, source, offsets, offsetFlush } = planOf(properties(flavor, scenario), true, {})
    expect(warnings.map(({ where }) => where['properties']).sort()).toEqual([...(REFUSED[scenario] ?? [])].sort())
    expect({ name, offsets, offsetFlush }).toEqual({ name: 'engine', offsets: { kind: 'file', path: '/var/lib/offsets.dat' }, offsetFlush: { intervalMs: 0 } })
    expect(source).toMatchObject({ kind: flavor, history: { kind: 'file', path: '/var/lib/schema-history.ndjson' }, options: { serverId: 5401, historyServer: 'srv', connection: { host: '127.0.0.1', user: 'dbz', password: 'dbz' } } })
  })
})

describe('MySQL’s properties', () => {
  test('basics has Debezium’s defaults where ours are others', () => {
    const { source, format } = plan('mysql', 'basics')
    expect(source.options).toMatchObject({
      connection: { port: 33097, sslMode: 'preferred', connectTimeoutMs: 30_000 },
      snapshot: { mode: 'initial', locking: 'minimal', delayMs: 0, lockTimeoutMs: 10_000 },
      schemaChanges: false, includeQuery: false, skippedOperations: ['t'], ignoreGtids: false,
    })
    expect(source.options).not.toHaveProperty('heartbeat')
    expect(format.options).toMatchObject({ modes: { time: 'adaptive_time_microseconds', bigintUnsigned: 'long', timeAdjuster: true, conversionFailure: 'warn' } })
  })

  test.each<[properties: Readonly<Record<string, string>>, expected: object]>([
    [{ 'include.schema.changes': 'true' }, { schemaChanges: 'all' }],
    [{ 'include.schema.changes': 'true', 'schema.history.internal.store.only.captured.databases.ddl': 'true' }, { schemaChanges: 'databases' }],
    [{ 'include.schema.changes': 'true', 'schema.history.internal.store.only.captured.tables.ddl': 'true' }, { schemaChanges: true }],
    [{ 'include.query': 'true' }, { includeQuery: true }],
    [{ 'provide.transaction.metadata': 'true' }, { transactionMetadata: true }],
    [{ 'gtid.ignore.on.recovery': 'true' }, { ignoreGtids: true }],
    [{ 'gtid.source.includes': '3E11FA47-71CA-11E1-9E33-C80AA9429562' }, { gtidSources: { includes: [expect.any(RegExp)] } }],
    [{ 'gtid.source.excludes': '7-.*,0-1' }, { gtidSources: { excludes: [expect.any(RegExp), expect.any(RegExp)] } }],
    [{ 'event.processing.failure.handling.mode': 'skip' }, { statementFormat: 'warn' }],
    [{ 'skipped.operations': 'none' }, { skippedOperations: [] }],
    [{ 'snapshot.mode': 'recovery', 'snapshot.delay.ms': '100' }, { snapshot: { mode: 'recovery', delayMs: 100 } }],
    [{ 'snapshot.locking.mode': 'Extended' }, { snapshot: { locking: 'extended' } }],
    [{ 'snapshot.locking.mode': 'minimal_percona_no_table_locks' }, { snapshot: { locking: 'minimal' } }],
    [{ 'connect.keep.alive.interval.ms': '5000', 'binlog.net.write.timeout': '60' }, { heartbeat: { intervalMs: 4000 }, netWriteTimeoutSeconds: 60 }],
    [{ 'database.ssl.mode': 'verify_identity', 'connect.timeout.ms': '2000' }, { connection: { sslMode: 'verify_identity', connectTimeoutMs: 2000 } }],
  ])('%o comes through', (more, expected) => {
    expect(plan('mysql', 'basics', more).source.options).toMatchObject(expected)
  })

  test('where rows of all sources are wanted, the lists of sources have nothing to say, and an empty one says nothing', () => {
    expect(plan('mysql', 'basics', { 'gtid.source.includes': 'a', 'gtid.source.filter.dml.events': 'false' }).source.options).not.toHaveProperty('gtidSources')
    expect(plan('mysql', 'basics', { 'gtid.source.includes': '' }).source.options).not.toHaveProperty('gtidSources')
  })

  test('values have their modes', () => {
    const more = { 'bigint.unsigned.handling.mode': 'precise', 'enable.time.adjuster': 'false', 'time.precision.mode': 'isostring' }
    expect(plan('mysql', 'basics', more).format.options).toMatchObject({ modes: { bigintUnsigned: 'precise', timeAdjuster: false, time: 'isostring' } })
  })

  test('Debezium’s own converters, in either package, each with its options', () => {
    const bool = { 'converters': 'bool', 'bool.type': 'io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter' }
    expect(plan('mysql', 'basics', bool).source.options).toMatchObject({ columns: { convert: [{ to: 'boolean', anyLength: false }] } })
    expect(plan('mariadb', 'basics', { ...bool, 'bool.length.checker': 'false', 'bool.selector': String.raw`f1\.a\.x` }).source.options).toMatchObject({ columns: { convert: [{ to: 'boolean', anyLength: true, columns: [compileJavaPattern(String.raw`f1\.a\.x`)] }] } })
    const more = {
      'converters': 'sink, zero', 'sink.type': 'io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter', 'sink.selector.real': '.*', 'sink.treat.real.as.double': 'false', 'sink.selector.boolean': 'f1.a.b',
      'zero.type': 'io.debezium.connector.binlog.converters.ZeroDateFallbackConverter', 'zero.target.types': 'date, timestamp', 'zero.fallback.date': '1970-01-01', 'zero.fallback.timestamp': 'null', 'zero.column.f1.a.d.fallback': '2000-01-01',
      'column.mask.with.3.chars': 'f1.a.name',
    }
    expect(plan('mysql', 'basics', more).source.options).toMatchObject({
      columns: {
        convert: [{ to: 'int16', columns: [compileJavaPattern('f1.a.b')] }, { to: 'float' }, { to: 'date', types: ['DATE', 'TIMESTAMP'], date: '1970-01-01', datetime: null, timestamp: null, single: { 'f1.a.d': '2000-01-01' } }],
        mask: [{ chars: 3 }],
      },
    })
    expect(refusal({ 'converters': 'isbn', 'isbn.type': 'com.example.Isbn', 'isbn.schema.name': 'x' })).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { properties: 'isbn.type' } })
    expect(refusal({ 'converters': 'isbn' })).toMatchObject({ code: 'TR_CONFIG_INVALID', where: { properties: 'isbn.type' } })
    expect(refusal({ ...bool, 'bool.lenght.checker': 'false' })).toMatchObject({ code: 'TR_CONFIG_UNKNOWN', where: { properties: 'bool.lenght.checker' } })
    expect(refusal({ ...bool, 'bool.selector': '(' })).toMatchObject({ code: 'TR_CONFIG_INVALID', where: { properties: 'bool.selector' } })
    expect(refusal({ ...more, 'zero.fallback.date': '1970-1-1' }).message).toContain('zero.fallback.date: "1970-1-1" is not a moment of that type')
  })

  test('lists of databases and tables are regular expressions of whole names, in either case', () => {
    const { options } = plan('mysql', 'basics', { 'database.include.list': 'F1,s.', 'table.exclude.list': String.raw`.*\.a,f1.nokey` }).source as Exclude<Plan['source'], { kind: 'postgresql' }>
    const matching = (patterns: unknown, names: readonly string[]): string[] => names.filter((name) => (patterns as RegExp[]).some((pattern) => pattern.test(name)))
    expect(matching(options.databases, ['f1', 'F1', 'f11', 's1', 'xs1'])).toEqual(['f1', 'F1', 's1'])
    expect(matching(options.excludeTables, ['f1.a', 'F2.A', 'f1.nokey', 'f1.ab', 'f1.nokeys'])).toEqual(['f1.a', 'F2.A', 'f1.nokey'])
  })

  test('the schema history is in Kafka unless told otherwise', () => {
    const kafka = { 'schema.history.internal': '', 'schema.history.internal.kafka.topic': 'shop.history', 'schema.history.internal.kafka.bootstrap.servers': 'a:9092, b:9092' }
    const login = { 'schema.history.internal.producer.security.protocol': 'SASL_PLAINTEXT', 'schema.history.internal.producer.sasl.jaas.config': 'PlainLoginModule required username="u" password="p";', 'schema.history.internal.consumer.group.id': 'x' }
    expect(plan('mysql', 'basics', { ...kafka, ...login }).source).toMatchObject({
      history: { kind: 'kafka', options: { brokers: ['a:9092', 'b:9092'], topic: 'shop.history', sasl: { mechanism: 'plain', username: 'u', password: 'p' } } },
    })
    expect(refusal({ 'schema.history.internal': '' })).toMatchObject({ code: 'TR_CONFIG_INVALID', where: { properties: 'schema.history.internal.kafka.topic, schema.history.internal.kafka.bootstrap.servers' } })
    expect(refusal({ 'schema.history.internal.file.filename': '' }).message).toContain('where the schema history is kept in a file')
    expect(refusal({ 'schema.history.internal': 'io.debezium.storage.s3.history.S3SchemaHistory' })).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { properties: 'schema.history.internal' } })
    expect(plan('mysql', 'basics', { 'schema.history.internal': 'io.debezium.relational.history.MemorySchemaHistory' }).source).toMatchObject({ history: { kind: 'memory' } })
  })

  test('MariaDB’s names of TLS modes are its own', () => {
    const mode = (text: string): unknown => plan('mariadb', 'basics', { 'database.ssl.mode': text }).source.options
    expect(['disable', 'trust', 'verify-ca', 'verify-full'].map(mode)).toMatchObject(['disabled', 'required', 'verify_ca', 'verify_identity'].map((sslMode) => ({ connection: { sslMode } })))
    expect(plan('mariadb', 'basics').source.options).toMatchObject({ connection: { sslMode: 'disabled' } })
    expect(refusal({ 'database.ssl.mode': 'verify_ca' }, 'mariadb').code).toBe('TR_CONFIG_INVALID')
  })

  test('certificates are PEM files; one of Java’s key stores is told apart', () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'tailrace-pem-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const [pem, jks] = ['ca.pem', 'ca.jks'].map((name) => path.join(dir, name)) as [string, string]
    writeFileSync(pem, '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n')
    writeFileSync(jks, Buffer.from('feedfeed00000002', 'hex'))
    expect(plan('mysql', 'basics', { 'database.ssl.truststore': pem, 'database.ssl.keystore': pem }).source.options).toMatchObject({ connection: { sslCa: pem, sslCert: pem, sslKey: pem } })
    expect(refusal({ 'database.ssl.truststore': jks })).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { property: 'database.ssl.truststore' } })
    expect(refusal({ 'database.ssl.truststore': path.join(dir, 'gone.pem') })).toMatchObject({ code: 'TR_CONFIG_FILE' })
  })

  test.each<[properties: Readonly<Record<string, string>>, code: string, says: string]>([
    [{ 'time.precision.mode': 'adaptive' }, 'TR_CONFIG_UNSUPPORTED', 'debezium refuses'],
    [{ 'database.server.id': '' }, 'TR_CONFIG_INVALID', 'a value is required'],
    [{ 'database.server.id': '4294967296' }, 'TR_CONFIG_INVALID', 'is not an integer'],
    [{ 'slot.name': 'a' }, 'TR_CONFIG_UNKNOWN', 'a property of the connector for PostgreSQL, not of the one for MySQL'],
    [{ 'databas.server.id': '1' }, 'TR_CONFIG_UNKNOWN', 'did you mean database.server.id?'],
    [{ 'database.include.list': 'a', 'database.exclude.list': 'b' }, 'TR_CONFIG_INVALID', 'cannot stand beside database.include.list'],
    [{ 'gtid.source.includes': 'a', 'gtid.source.excludes': '' }, 'TR_CONFIG_INVALID', 'cannot stand beside gtid.source.includes'],
    [{ 'driver.useCompression': 'true' }, 'TR_CONFIG_UNSUPPORTED', 'options of the JDBC driver'],
    [{ 'connect.keep.alive': 'false' }, 'TR_CONFIG_UNSUPPORTED', 'only true'],
    [{ 'schema.include.list': 'a' }, 'TR_CONFIG_UNSUPPORTED', 'use `database.include.list`'],
  ])('%o is refused: %s', (more, code, says) => {
    expect(refusal(more)).toMatchObject({ code, message: expect.stringContaining(says) as string })
  })

  test('the parts of the engine are made, and nothing is opened', () => {
    for (const flavor of FLAVORS) expect(fromDebezium(Object.fromEntries(properties(flavor, 'basics'))).source).toBeInstanceOf(MysqlSource)
  })
})
