import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { planOf, type Plan } from '../../../src/debezium/plan.ts'
import { readProperties } from '../../../src/debezium/properties-file.ts'
import { postgresOf } from './configuration.ts'

const GOLDEN = path.join(import.meta.dirname, '../../golden/postgresql')
const SCENARIOS = readdirSync(GOLDEN).filter((name) => existsSync(path.join(GOLDEN, name, 'config.properties')))
const PLACES: Readonly<Record<string, string>> = { HOST: '127.0.0.1', PORT: '5432', USER: 'postgres', PASSWORD: 'secret', DB: 'golden', SLOT: 'slot_a', OFFSETS: '/var/lib/offsets.json' }

function goldenPlan(scenario: string): Plan {
  const text = ['base.properties', `${scenario}/config.properties`].map((file) => readFileSync(path.join(GOLDEN, file), 'utf8')).join('\n')
  return planOf(readProperties(text.replace(/@(\w+)@/g, (_, name: string) => PLACES[name] ?? '')), false, {})
}

describe('the configurations that Debezium was recorded with', () => {
  test('are there', () => {
    expect(SCENARIOS.length).toBeGreaterThan(70)
  })

  test.each(SCENARIOS)('%s is understood without a warning', (scenario) => {
    const plan = goldenPlan(scenario)
    expect(plan.warnings).toEqual([])
    expect(plan.name).toBe('lab')
    expect(postgresOf(plan).connection).toMatchObject({ host: '127.0.0.1', port: 5432, database: 'golden', user: 'postgres', password: 'secret' })
    expect(plan.offsets).toEqual({ kind: 'file', path: '/var/lib/offsets.json' })
    expect(plan.offsetFlush).toEqual({ intervalMs: 0 })
  })

  test('basics has Debezium’s defaults where ours are others', () => {
    const basics = goldenPlan('basics')
    const { format, limits, retry } = basics
    expect(postgresOf(basics)).toMatchObject({
      slot: { name: 'slot_a', dropOnStop: false, createTimeoutMs: 90_000, activeTimeoutMs: 60_000 },
      publication: { name: 'dbz_publication', create: 'all_tables' },
      snapshot: { mode: 'initial', delayMs: 0, lockTimeoutMs: 10_000 },
      messages: true,
      skippedOperations: ['t'],
      status: { intervalMs: 10_000 },
    })
    expect(format.options).toMatchObject({ logicalName: 'lab', topicDelimiter: '.', schemasEnable: { key: false, value: false, header: false }, tombstones: true, contextHeaders: true })
    expect(limits).toEqual({ maxBatchEvents: 2048 })
    expect(retry).toEqual({ initialDelayMs: 300, maxDelayMs: 10_000, maxAttempts: Infinity })
  })

  test.each<[scenario: string, expected: object]>([
    ['converter-null-default', { format: { kind: 'json', options: { contextHeaders: false, replaceNullWithDefault: { key: true, value: true } } } }],
    ['defaults-no-replace', { format: { kind: 'json', options: { replaceNullWithDefault: { key: false, value: false }, modes: { decimal: 'double' } } } }],
    ['ddl', { format: { kind: 'json', options: { schemasEnable: { key: true, value: true, header: false } } } }],
    ['schemas-types-decimal-string', { format: { kind: 'json', options: { modes: { decimal: 'string', time: 'connect', interval: 'string', binary: 'hex', hstore: 'map', includeUnknown: true } } } }],
    ['identifiers-avro_unicode', { format: { kind: 'json', options: { schemaNameAdjustment: 'avro_unicode', fieldNameAdjustment: 'avro_unicode' } } }],
    ['identifiers-schemas', { format: { kind: 'json', options: { logicalName: 'my-lab.prefix', topicDelimiter: '_' } } }],
    ['topic-names', { format: { kind: 'json', options: { logicalName: 'pre.fix_1', topicDelimiter: '-' } } }],
    ['tombstones-off', { format: { kind: 'json', options: { tombstones: false } } }],
    ['truncate', { source: { options: { skippedOperations: [] } } }],
    ['types-money-digits', { format: { kind: 'json', options: { modes: { moneyFractionDigits: 4 } } } }],
    ['types-time-nanoseconds', { format: { kind: 'json', options: { modes: { time: 'nanoseconds' } } } }],
    ['types-binary-base64-url', { format: { kind: 'json', options: { modes: { binary: 'base64-url-safe' } } } }],
    ['toast-placeholder', { format: { kind: 'json', options: { modes: { unavailablePlaceholder: Buffer.from([0, 255, 65]) } } } }],
    ['toast-schemas', { format: { kind: 'json', options: { modes: { unavailablePlaceholder: Buffer.from('__gone__') } } } }],
    ['numeric-special-skip', { format: { kind: 'json', options: { modes: { conversionFailure: 'skip' } } } }],
    ['replica-identity', { source: { options: { publication: { name: 'ri_pub', create: 'disabled' } } } }],
    ['restart', { limits: { maxBatchEvents: 4 } }],
    ['restart-when_needed', { source: { options: { snapshot: { mode: 'when_needed' } } } }],
    ['snapshot-fetch', { source: { options: { snapshot: { delayMs: 200 } } }, limits: { maxBatchEvents: 2 } }],
    ['snapshot-no_data', { source: { options: { snapshot: { mode: 'no_data' } } } }],
  ])('%s comes through', (scenario, expected) => {
    expect(goldenPlan(scenario)).toMatchObject(expected)
  })

  test.each<[scenario: string, list: 'tables' | 'excludeTables' | 'schemas' | 'excludeSchemas', matching: string[], other: string[]]>([
    ['filter-table-include', 'tables', ['inv.product', 'inv.prod', 'public.other', 'Public.Other'], ['inv.stock', 'xinv.product', 'public.others']],
    ['filter-table-exclude', 'excludeTables', ['public.other', 'public.nokey', 'inv.stock', 'gis.spatial_ref_sys'], ['inv.product', 'public.nokeys']],
    ['filter-schema-include', 'schemas', ['inv', 'INV', 'in'], ['public', 'xinv']],
    ['filter-schema-exclude', 'excludeSchemas', ['hr', 'public'], ['inv', 'hrm']],
  ])('%s selects the same names', (scenario, list, matching, other) => {
    const patterns = postgresOf(goldenPlan(scenario))[list] as RegExp[]
    const matches = (name: string): boolean => patterns.some((pattern) => pattern.test(name))
    expect(matching.filter((name) => !matches(name))).toEqual([])
    expect(other.filter(matches)).toEqual([])
  })

  test('replica-identity-autoset names an identity for each table', () => {
    const { replicaIdentity } = postgresOf(goldenPlan('replica-identity-autoset'))
    expect(replicaIdentity?.map((entry) => entry.identity)).toEqual(['FULL', 'FULL', 'INDEX ra_idx_code_key'])
    expect((replicaIdentity?.[2]?.table as RegExp).test('other.ra_idx')).toBe(true)
  })
})
