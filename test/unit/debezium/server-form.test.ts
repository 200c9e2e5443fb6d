import { describe, expect, test } from 'vitest'
import { planOf, type Plan } from '../../../src/debezium/plan.ts'
import { readProperties } from '../../../src/debezium/properties-file.ts'
import { postgresOf } from './configuration.ts'

const SERVER = `
debezium.sink.type=stdout
debezium.source.connector.class=io.debezium.connector.postgresql.PostgresConnector
debezium.source.offset.storage.file.filename=data/offsets.dat
debezium.source.offset.flush.interval.ms=0
debezium.source.database.hostname=localhost
debezium.source.database.port=5432
debezium.source.database.user=postgres
debezium.source.database.password=\${DB_PASSWORD}
debezium.source.database.dbname=\${DATABASE:shop}
debezium.source.topic.prefix=tutorial
debezium.source.table.include.list=inventory\\\\.(customers|orders)
debezium.format.schemas.enable=false
debezium.format.value.schemas.enable=true
debezium.format.value=json
quarkus.log.console.json=false
`

function serverPlan(more: string, environment: Record<string, string> = { DB_PASSWORD: 'pw' }): Plan {
  return planOf(readProperties(SERVER + more), false, environment)
}

describe('a configuration of Debezium Server', () => {
  test('is the same as the engine’s with its prefixes taken off', () => {
    const plan = serverPlan('')
    expect(plan).toMatchObject({
      name: 'tutorial',
      source: { kind: 'postgresql', options: { connection: { host: 'localhost', user: 'postgres', password: 'pw', database: 'shop' } } },
      format: { kind: 'json', options: { logicalName: 'tutorial', schemasEnable: { key: false, value: true, header: false } } },
      offsets: { kind: 'file', path: 'data/offsets.dat' },
      warnings: [],
    })
    expect((postgresOf(plan).tables as RegExp[]).map((table) => table.test('inventory.orders'))).toEqual([true])
  })

  test('its offset is under the name of its sink, whatever else is given: so Debezium Server has it', () => {
    expect(serverPlan('').offsetKey).toEqual({ engine: 'stdout', server: 'tutorial' })
    expect(serverPlan('debezium.source.name=mine').offsetKey).toEqual({ engine: 'stdout', server: 'tutorial' })
    expect(planOf(readProperties(SERVER.replace('debezium.sink.type=stdout\n', '')), false, { DB_PASSWORD: 'pw' }).offsetKey).toEqual({ engine: 'tutorial', server: 'tutorial' })
  })

  test('a name that is given is kept', () => {
    expect(serverPlan('debezium.source.name=mine').name).toBe('mine')
  })

  test('problems are named as they are written, suggestions too', () => {
    expect(() => serverPlan('debezium.source.tabel.exclude.list=x')).toThrow('debezium.source.tabel.exclude.list: unknown property; did you mean debezium.source.table.exclude.list?')
  })

  test('a sink or format that is not there is refused once', () => {
    const text = 'debezium.sink.type=pubsub\ndebezium.format.key=protobuf'
    expect(() => serverPlan(text)).toThrow(/^2 problems in the configuration\n {2}debezium.sink.type: "pubsub" is not supported, only stdout, kafka, kinesis.*\n {2}debezium.format.key: "protobuf" is not supported, only json/)
  })

  test('transformations keep their own ${…}', () => {
    expect(() => serverPlan('debezium.transforms=o\ndebezium.transforms.o.route.topic.replacement=ev.${routedByValue}')).toThrow(/^debezium.transforms: not supported/)
  })

  test('an environment variable that is not set is a problem, without its neighbours’ values', () => {
    expect(() => serverPlan('', {})).toThrow('debezium.source.database.password: the environment variable DB_PASSWORD is not set')
  })

  test('MicroProfile’s spelling of a variable is found too', () => {
    expect(postgresOf(serverPlan('debezium.source.database.user=${my.user}', { DB_PASSWORD: 'pw', MY_USER: 'me' })).connection).toMatchObject({ user: 'me' })
  })

  test('a property that others refer to is not a misspelled one', () => {
    expect(postgresOf(serverPlan('our.user=me\ndebezium.source.database.user=${our.user}')).connection).toMatchObject({ user: 'me' })
    expect(() => serverPlan('our.user=me')).toThrow('our.user: unknown property')
  })
})

describe('the engine’s form', () => {
  test('takes ${…} as it stands, as java.util.Properties does', () => {
    const text = SERVER.replaceAll('debezium.source.', '').replace(/^(debezium|quarkus).*\n/gm, '') + 'name=x\n'
    expect(postgresOf(planOf(readProperties(text), false, { DB_PASSWORD: 'pw' })).connection).toMatchObject({ password: '${DB_PASSWORD}' })
  })
})
