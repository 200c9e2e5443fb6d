import { describe, expect, test } from 'vitest'
import { compileJavaPattern } from '../../../src/debezium/pattern/java-pattern.ts'
import { LEAST, plan, postgresOf, refusal } from './configuration.ts'

describe('a configuration with mistakes', () => {
  test('everything wrong is one error that lists it all, the gravest first', () => {
    const error = refusal({
      'tabel.include.list': 'public.orders',
      'decimal.handling.mode': 'exact',
      'database.port': 'many',
      'schema.include.list': 'a.(b',
      'table.include.list': 'public.a',
      'table.exclude.list': 'public.b',
      'topic.prefix': undefined,
      'transforms': 'unwrap',
      'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
      'snapshot.mode': 'custom',
    })
    expect(error).toMatchObject({ name: 'TailraceError', code: 'TR_CONFIG_INVALID', kind: 'definite' })
    expect(error.message.split('\n')).toEqual([
      '8 problems in the configuration',
      '  decimal.handling.mode: "exact" is not one of precise, double, string',
      '  database.port: "many" is not an integer',
      '  schema.include.list: not a valid regular expression: "a.(b": unclosed group at position 2',
      '  topic.prefix: a value is required',
      '  table.exclude.list: cannot stand beside table.include.list',
      '  tabel.include.list: unknown property; did you mean table.include.list?',
      expect.stringMatching(/^ {2}transforms: not supported/),
      expect.stringMatching(/^ {2}snapshot.mode: "custom" is not supported, only always, initial, initial_only, no_data, when_needed/),
    ])
  })

  test.each<[property: string, value: string, code: string, text: string]>([
    ['snapshot.mod', 'never', 'TR_CONFIG_UNKNOWN', 'snapshot.mod: unknown property; did you mean snapshot.mode?'],
    ['slotname', 'x', 'TR_CONFIG_UNKNOWN', 'slotname: unknown property; did you mean slot.name?'],
    ['whatever.this.may.be', 'x', 'TR_CONFIG_UNKNOWN', 'whatever.this.may.be: unknown property'],
    ['value.converter.schema.enable', 'false', 'TR_CONFIG_UNKNOWN', 'did you mean value.converter.schemas.enable?'],
    ['max.batch.size', '0', 'TR_CONFIG_INVALID', 'max.batch.size: 0 is less than 1'],
    ['max.batch.size', '99999999999', 'TR_CONFIG_INVALID', '"99999999999" is not an integer'],
    ['max.batch.size', '5 ', 'TR_CONFIG_INVALID', '"5 " is not an integer'],
    ['max.batch.size', '8192', 'TR_CONFIG_INVALID', 'max.queue.size: must be larger than max.batch.size (8192)'],
    ['tombstones.on.delete', 'yes', 'TR_CONFIG_INVALID', '"yes" is neither true nor false'],
    ['slot.name', 'Bad-Slot', 'TR_CONFIG_INVALID', 'slot.name: "Bad-Slot" is not a slot name'],
    ['topic.prefix', 'a b/ç', 'TR_CONFIG_INVALID', 'topic.prefix: "a b/ç" is not made of letters, digits, dots, hyphens and underscores'],
    ['database.hostname', '', 'TR_CONFIG_INVALID', 'database.hostname: a value is required'],
    ['snapshot.mode', 'never', 'TR_CONFIG_INVALID', '"never" is not one of always, initial, initial_only'],
    ['plugin.name', 'wal2json', 'TR_CONFIG_INVALID', '"wal2json" is not one of decoderbufs, pgoutput'],
    ['plugin.name', 'decoderbufs', 'TR_CONFIG_UNSUPPORTED', '"decoderbufs" is not supported, only pgoutput'],
    ['skipped.operations', 'c,x', 'TR_CONFIG_INVALID', '"x": not an operation'],
    ['skipped.operations', 'none,c', 'TR_CONFIG_INVALID', 'none cannot stand beside other operations'],
    ['table.include.list', ',', 'TR_CONFIG_INVALID', 'the list is empty, so nothing would match'],
    ['table.include.list', 'a++', 'TR_CONFIG_INVALID', 'possessive repetition does not exist in JavaScript'],
    ['replica.identity.autoset.values', 'public.a', 'TR_CONFIG_INVALID', '"public.a" is not of the form'],
    ['unavailable.value.placeholder', 'hex:abc', 'TR_CONFIG_INVALID', 'two hexadecimal digits'],
    ['offset.storage', 'org.apache.kafka.connect.storage.FileOffsetBackingStore', 'TR_CONFIG_INVALID', 'offset.storage.file.filename: a value is required'],
    ['offset.storage', 'io.debezium.storage.jdbc.offset.JdbcOffsetBackingStore', 'TR_CONFIG_UNSUPPORTED', 'offset.storage: "io.debezium.storage.jdbc.offset.JdbcOffsetBackingStore" is not supported'],
    ['offset.storage', 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore', 'TR_CONFIG_INVALID', 'offset.storage.topic: a value is required where offsets are kept in Kafka'],
    ['exactly.once.support', 'required', 'TR_CONFIG_UNSUPPORTED', 'required needs debezium.sink.type=kafka and offset.storage=kafka'],
    ['connector.class', 'io.debezium.connector.db2.Db2Connector', 'TR_CONFIG_UNSUPPORTED', 'connector.class: "io.debezium.connector.db2.Db2Connector" is not supported'],
    ['flush.lsn.source', 'false', 'TR_CONFIG_UNSUPPORTED', 'flush.lsn.source'],
    ['transaction.metadata.factory', 'com.example.Factory', 'TR_CONFIG_UNSUPPORTED', 'transaction.metadata.factory'],
    ['message.key.columns', 'public.a', 'TR_CONFIG_INVALID', 'message.key.columns: "public.a" is not of the form schema.table:column,column'],
    ['message.key.columns', 'public.a:b,', 'TR_CONFIG_INVALID', 'is not of the form'],
    ['message.key.columns', 'public.a:b;(:c', 'TR_CONFIG_INVALID', 'message.key.columns: not a valid regular expression'],
    ['heartbeat.interval.ms', '500', 'TR_CONFIG_UNSUPPORTED', 'heartbeat.interval.ms'],
    ['column.mask.hash.SHA-4.with.salt.abc', 'public.a.b', 'TR_CONFIG_INVALID', 'column.mask.hash.SHA-4.with.salt.***: the algorithm SHA-4 is not known'],
    ['column.mask.with.some.chars', 'public.a.b', 'TR_CONFIG_UNKNOWN', 'column.mask.with.some.chars: unknown property'],
    ['column.truncate.to.5.chars', '(', 'TR_CONFIG_INVALID', 'column.truncate.to.5.chars: not a valid regular expression'],
  ])('%s=%s is %s', (property, value, code, text) => {
    const error = refusal({ [property]: value })
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
  })

  test('each required property that is missing is named', () => {
    const required = ['name', 'connector.class', 'database.hostname', 'database.user', 'database.dbname', 'topic.prefix']
    const { message } = refusal(Object.fromEntries(required.map((name) => [name, undefined])))
    expect(required.filter((name) => !message.includes(`${name}: a value is required`))).toEqual([])
  })

  test('another database’s connector is said alone: what its properties mean is not judged', () => {
    const error = refusal({ X: 'x' })
    expect(error.message).not.toContain('\n')
  })

  test('a custom converter is said once, its options are not misspellings', () => {
    const error = refusal({ 'converters': 'isbn', 'isbn.type': 'com.example.Isbn', 'isbn.schema.name': 'x' })
    expect(error).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { properties: 'converters' } })
  })
})

describe('with leniency', () => {
  test('unknown and unsupported properties become a warning each, and have no effect', () => {
    const lenient = plan({ 'tabel.include.list': 'x', 'snapshot.mode': 'custom', 'transforms': 'unwrap' }, true)
    const { warnings } = lenient
    expect(warnings.map((warning) => [warning.code, warning.where['properties']])).toEqual([
      ['TR_CONFIG_UNKNOWN', 'tabel.include.list'],
      ['TR_CONFIG_UNSUPPORTED', 'snapshot.mode'],
      ['TR_CONFIG_UNSUPPORTED', 'transforms'],
    ])
    expect(postgresOf(lenient).tables).toBeUndefined()
    expect(postgresOf(lenient).snapshot?.mode).toBe('initial')
  })

  test('what is invalid stays an error', () => {
    expect(refusal({ 'tabel.include.list': 'x', 'database.port': 'x' }, true)).toMatchObject({ code: 'TR_CONFIG_INVALID', message: 'database.port: "x" is not an integer' })
  })

  test.each([
    ['connector.class', 'io.debezium.connector.sqlserver.SqlServerConnector'],
    ['offset.storage', 'io.debezium.storage.jdbc.offset.JdbcOffsetBackingStore'],
  ])('%s is still refused: nothing can stand in for it', (property, value) => {
    expect(refusal({ [property]: value }, true)).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { properties: property } })
  })
})

describe('values that are right', () => {
  test('words are taken in either case and with spaces, as Debezium does', () => {
    expect(plan({ 'decimal.handling.mode': ' String ', 'snapshot.mode': 'NO_DATA', 'tombstones.on.delete': 'FALSE' })).toMatchObject({
      format: { options: { modes: { decimal: 'string' }, tombstones: false } },
      source: { options: { snapshot: { mode: 'no_data' } } },
    })
  })

  test('an empty list is no list', () => {
    expect(postgresOf(plan({ 'table.include.list': '', 'transforms': '' })).tables).toBeUndefined()
  })

  test('the generic converter option counts where the specific one is not given', () => {
    expect(plan({ 'converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'true' }).format.options).toHaveProperty('schemasEnable', { key: false, value: true, header: false })
  })

  test('what becomes of columns, each property with its number, algorithm and salt; the second form of a hash comes after the first', () => {
    const { columns } = postgresOf(plan({
      'column.truncate.to.5.chars': 'public.a.b,public.c.*', 'column.truncate.to.7.chars': 'public.d.e', 'column.mask.with.0.chars': 'public.a.c', 'column.mask.hash.v2.SHA-512/256.with.salt.x.with.salt.y': 'public.a.d',
      'column.mask.hash.MD5.with.salt.z': 'public.a.e', 'column.propagate.source.type': 'public.a.f', 'datatype.propagate.source.type': String.raw`.+\.varchar`,
    }))
    expect(columns).toEqual({
      truncate: [{ columns: [compileJavaPattern('public.a.b'), compileJavaPattern('public.c.*')], chars: 5 }, { columns: [compileJavaPattern('public.d.e')], chars: 7 }], mask: [{ columns: [compileJavaPattern('public.a.c')], chars: 0 }],
      hash: [{ columns: [compileJavaPattern('public.a.e')], algorithm: 'MD5', salt: 'z', form: 1 }, { columns: [compileJavaPattern('public.a.d')], algorithm: 'SHA-512/256', salt: 'x.with.salt.y', form: 2 }],
      sourceType: [compileJavaPattern('public.a.f')], sourceTypeOf: [compileJavaPattern(String.raw`.+\.varchar`)], key: [],
    })
    expect(postgresOf(plan({ 'column.truncate.to.5.chars': '' })).columns).toBeUndefined()
  })

  test('what keys are made of, an expression for each column, in order', () => {
    expect(postgresOf(plan({ 'message.key.columns': ' inventory.customers:pk1, pk2;(.*).purchase:c3;' })).columns).toEqual({
      truncate: [], mask: [], hash: [], sourceType: [], sourceTypeOf: [], key: ['inventory.customers.pk1', 'inventory.customers.pk2', '(.*).purchase.c3'].map(compileJavaPattern),
    })
    expect(postgresOf(plan({ 'message.key.columns': '' })).columns).toBeUndefined()
  })

  test('offsets in memory, stored after every batch', () => {
    expect(plan({ 'offset.commit.policy': 'io.debezium.engine.spi.OffsetCommitPolicy$AlwaysCommitOffsetPolicy' })).toMatchObject({ offsets: { kind: 'memory' }, offsetFlush: { intervalMs: 0 } })
    expect(plan()).toMatchObject({ offsetFlush: { intervalMs: 60_000 } })
  })

  test('retries', () => {
    expect(plan({ 'errors.max.retries': '3', 'errors.retry.delay.initial.ms': '50', 'errors.retry.delay.max.ms': '400' }).retry).toEqual({ initialDelayMs: 50, maxDelayMs: 400, maxAttempts: 3 })
    expect(plan({ 'errors.max.retries': '0', 'retriable.restart.connector.wait.ms': '200' }).retry).toEqual({ initialDelayMs: 200, maxDelayMs: 200, maxAttempts: 0 })
    expect(postgresOf(plan({ 'slot.max.retries': '2', 'slot.retry.delay.ms': '500' })).slot?.activeTimeoutMs).toBe(1000)
  })

  test('TLS and login', () => {
    const tls = { 'database.sslmode': 'verify-full', 'database.sslrootcert': '/ca.pem', 'database.sslcert': '/c.pem', 'database.sslkey': '/k.pem', 'database.sslpassword': 'pw' }
    expect(postgresOf(plan({ ...tls, 'database.hostname': '[::1]', 'database.port': '6432' })).connection).toEqual({
      host: '::1', port: 6432, database: 'shop', user: 'cdc', sslmode: 'verify-full', sslrootcert: '/ca.pem', sslcert: '/c.pem', sslkey: '/k.pem', sslpassword: 'pw',
    })
  })
})

describe('secrets', () => {
  test('never stand in a message, wherever they were put', () => {
    const canary = 'cAnArY-4711'
    const errors = [
      refusal({ 'database.password': canary, 'database.port': 'x' }),
      refusal({ 'database.pasword': canary }),
      refusal({ 'database.sslpassword': canary, 'tabel.include.list': canary }),
      refusal({ [`column.mask.hash.SHA-4.with.salt.${canary}`]: 'public.a.b' }),
      refusal({ [`column.mask.hash.SHA-256.with.salt.${canary}`]: '(' }),
      refusal({ [`column.mask.hahs.SHA-256.with.salt.${canary}`]: 'public.a.b' }),
      refusal({ 'database.initial.statements': `SET x = '${canary}'` }),
      refusal({ 'driver.password': canary }),
      refusal({ 'value.converter.schema.registry.basic.auth.user.info': canary }),
      ...plan({ 'database.password': canary, 'database.pasword': canary, 'transforms': canary }, true).warnings,
    ]
    for (const error of errors) expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain(canary)
    expect(LEAST).not.toHaveProperty('database.password')
  })
})
