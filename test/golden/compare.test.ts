import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRecords, type Mismatch } from './compare.ts'
import { amend, DIFFERENCES, EVENT_POSITION, RECORD_DIFFERENCES, unusedRules, withoutPlaces, type Tally } from './difference.ts'
import { field, parseJson, printJson, scalar, type Json } from './json.ts'
import { mysqlScenarioNames, readMysqlScenario, type MysqlFolder } from './mysql-scenario.ts'
import { payload } from './normalise.ts'
import { normaliseAll } from './run.ts'
import { eventsText, placeOf, readScenario, scenarioNames, type Scenario } from './scenario.ts'

const MYSQL_FOLDERS: readonly MysqlFolder[] = ['mysql', 'mariadb', 'mariadb/11.8']
const SCENARIOS: readonly Scenario[] = [...scenarioNames().map((name) => readScenario(name)), ...MYSQL_FOLDERS.flatMap((folder) => mysqlScenarioNames(folder).map((name) => readMysqlScenario(folder, name)))]

/** The places where two JSON texts, taken as records, differ. */
function differences(expected: string, got: string): Mismatch[] {
  return compareRecords([parseJson(expected)], [parseJson(got)])
}

describe('the captured records', () => {
  it('are what was captured, byte for byte', () => {
    const sums = readFileSync(path.join(import.meta.dirname, 'events.sha256'), 'utf8').trim().split('\n')
    const found = SCENARIOS.flatMap(({ folder, name }) => {
      const files = readdirSync(path.join(import.meta.dirname, folder, name)).filter((file) => file.startsWith('events'))
      return files.map((file) => `${folder}/${name}/${file.replace(/\.gz$/, '')}`)
    })
    const sum = (file: string): string => createHash('sha256').update(eventsText(path.join(import.meta.dirname, file))).digest('hex')
    expect(found.map((file) => `${sum(file)}  ${file}`).sort()).toEqual(sums.sort())
  })

  it.each(SCENARIOS.map((scenario) => [placeOf(scenario), scenario] as const))('%s equals itself in another run: other positions, transactions, times', (_, { runs }) => {
    for (const { events } of runs) {
      const other = events.map((line) => printJson(elsewhere(parseJson(line))))
      if (events.length > 0) expect(other).not.toEqual(events)
      expect(compareRecords(normaliseAll(events), normaliseAll(other))).toEqual([])
    }
  })

  it('every rule of a deliberate difference changes a record', () => {
    const tally: Tally = []
    for (const scenario of SCENARIOS) {
      for (const { events } of scenario.runs) for (const record of normaliseAll(events)) amend(placeOf(scenario), record, tally)
    }
    expect(unusedRules(tally)).toEqual([])
  })

  it('what is expected in the place of Debezium’s records differs from them in the records that the rules name, and in no other', () => {
    const rules = RECORD_DIFFERENCES.map(({ scenario, run }) => `${scenario} ${run}`)
    const files = SCENARIOS.flatMap((scenario) => scenario.runs.flatMap(({ ours }, i) => (ours === undefined ? [] : [`${placeOf(scenario)} ${i + 1}`])))
    expect(rules.sort()).toEqual(files.sort())
    const without = (lines: readonly string[], left: readonly number[]): string[] => lines.filter((_, i) => !left.includes(i))
    for (const { scenario: place, run, added, dropped } of RECORD_DIFFERENCES) {
      const { events, ours = [] } = SCENARIOS.find((scenario) => placeOf(scenario) === place)!.runs[run - 1]!
      const theirs = normaliseAll(without(events, dropped)).map((record) => amend(place, record, []))
      expect({ place, run, differences: withoutPlaces(place, compareRecords(theirs, normaliseAll(without(ours, added))), []) }).toEqual({ place, run, differences: [] })
    }
  })

  it('docs/differences.md lists the rules that there are, and no others', () => {
    const page = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'differences.md'), 'utf8')
    const listed = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, reason]) => reason)
    expect(listed).toEqual([...new Set([...DIFFERENCES, ...RECORD_DIFFERENCES].map(({ reason }) => reason)), EVENT_POSITION])
  })

  it('a deliberate difference is asked for, not merely allowed: neither the value of Debezium nor a third one passes', () => {
    const { events } = readScenario('types').runs[0]!
    const expected = normaliseAll(events).map((record) => amend('types', record, []))
    const theirs = compareRecords(expected, normaliseAll(events))
    expect(new Set(theirs.map(({ path: at }) => at.replace(/^value\.after\./, '')))).toEqual(new Set(['n', 'iv', 'ov', 'abit', 'aen', 'a2d', 't2d', 'd', 'ts', 'f24']))
    const third = events.map((line) => (line.includes('"table":"t_text"') ? line.replace(/("id":101,.*)"n":null/, '$1"n":"other"') : line))
    const found = compareRecords(expected, normaliseAll(third).map((record) => amend('types', record, [])))
    expect(found).toMatchObject([{ path: 'value.after.n', expected: '"name"', got: '"other"' }])
  })
})

describe('a difference is found', () => {
  const { events } = readScenario('basics').runs[0]!
  const golden = (): Json[] => normaliseAll(events)

  it('in any value of any record', () => {
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    const changed = fc.property(fc.nat(), fc.nat(), (r, l) => {
      const got = golden()
      const record = r % got.length
      const all = leaves(got[record]!)
      change(all[l % all.length]!)
      const found = compareRecords(golden(), got)
      expect(found).toHaveLength(1)
      expect(found[0]?.record).toBe(record)
    })
    fc.assert(changed, { seed, numRuns: 300 })
  })

  it('when a record is missing, too many, or in another place', () => {
    const without = normaliseAll([...events.slice(0, 20), ...events.slice(21)])
    expect(compareRecords(golden(), without).at(-1)).toMatchObject({ path: '', expected: expect.stringContaining('47 records') as string, got: '46 records' })
    expect(compareRecords(golden(), normaliseAll([...events, events[0]!]))).toMatchObject([{ record: 47, path: '', expected: '47 records' }])
    const swapped = [...events]
    ;[swapped[30], swapped[31]] = [swapped[31]!, swapped[30]!]
    expect(compareRecords(golden(), normaliseAll(swapped)).length).toBeGreaterThan(0)
  })

  it('when a position, a transaction or a run is another one where it was the same, or the same where it was another', () => {
    const same = events.findIndex((line, i) => i > 20 && txId(line) === txId(events[i - 1]!))
    const split = events.map((line, i) => (i === same ? line.replace(/"txId":(\d+)/, '"txId":999999') : line))
    expect(compareRecords(golden(), normaliseAll(split))[0]).toMatchObject({ record: same, path: 'value.source.txId' })
    const one = events.map((line) => line.replace(/"lsn":\d+/, '"lsn":5'))
    expect(compareRecords(golden(), normaliseAll(one)).length).toBeGreaterThan(0)
    const runs = events.map((line, i) => (i === 40 ? line.replace(/runId":"01/, 'runId":"02') : line))
    expect(compareRecords(golden(), normaliseAll(runs))).toMatchObject([{ record: 40, path: 'headers["__debezium.context.runId"]' }])
  })

  it('when the units of one moment disagree', () => {
    const off = events.map((line, i) => (i === 3 ? line.replace(/"ts_us":(\d+)\d,/, '"ts_us":$17,') : line))
    const found = compareRecords(golden(), normaliseAll(off))
    expect(found.every(({ record, path: at }) => record === 3 && at.endsWith('ts_us'))).toBe(true)
    expect(found[0]?.got).toContain('differs')
  })

  const unequal: [name: string, expected: string, got: string, path: string][] = [
    ['an integer and a string', '{"a":1}', '{"a":"1"}', 'a'],
    ['integers a double cannot tell apart', '{"a":9007199254740993}', '{"a":9007199254740992}', 'a'],
    ['numbers a double can tell apart', '{"a":0.1}', '{"a":0.10000000000000002}', 'a'],
    ['the sign of zero', '{"a":-0.0}', '{"a":0}', 'a'],
    ['null and absent', '{"a":null}', '{}', 'a'],
    ['absent and null', '{}', '{"a":null}', 'a'],
    ['null and a string', '[null]', '["null"]', '[0]'],
    ['an empty array and null', '{"a":[]}', '{"a":null}', 'a'],
    ['the order of fields', '{"a":1,"b":2}', '{"b":2,"a":1}', ''],
    ['a field written twice', '{"a":1}', '{"a":1,"a":1}', ''],
    ['the order of items', '[1,2]', '[2,1]', '[0]'],
    ['strings that look alike', '{"a b":["é"]}', '{"a b":["e\u0301"]}', '["a b"][0]'],
    ['a nested schema', '{"s":{"f":[{"t":"int32"}]}}', '{"s":{"f":[{"t":"int64"}]}}', 's.f[0].t'],
  ]
  it.each(unequal)('%s', (_name, expected, got, at) => {
    expect(differences(expected, got)[0]?.path).toBe(at)
  })

  const equal: [name: string, expected: string, got: string][] = [
    ['a double with and without fraction', '{"a":1.0}', '{"a":1}'],
    ['two spellings of one double', '{"a":1.0E10}', '{"a":10000000000}'],
    ['escapes', '{"a":"\\u00e9\\/\\n"}', '{"a":"é/\\n"}'],
    ['blanks', '{"a": [1, 2]}', '{ "a":[1,2] }'],
  ]
  it.each(equal)('but %s are equal', (_name, expected, got) => {
    expect(differences(expected, got)).toEqual([])
  })

  it('and what is not JSON is said to be no record', () => {
    expect(() => normaliseAll(['{"value":1}', '{"value":'])).toThrow('record 1 is not a record')
  })
})

function txId(line: string): string | undefined {
  return scalar(field(field(payload(field(parseJson(line), 'value')), 'source'), 'txId'))
}

function leaves(node: Json): Json[] {
  if (node.kind === 'array') return node.items.flatMap(leaves)
  return node.kind === 'object' ? node.fields.flatMap(({ value }) => leaves(value)) : [node]
}

function change(leaf: Json): void {
  if (leaf.kind === 'string' || leaf.kind === 'number') leaf.text += '1'
  else Object.assign(leaf, { kind: 'string', text: 'changed' })
}

/** The record as another run would have given it. Written apart from the normaliser, from what the fields mean. */
function elsewhere(record: Json): Json {
  const value = payload(field(record, 'value'))
  const source = field(value, 'source')
  const shift = (node: Json | undefined, by: bigint): void => {
    if (node?.kind === 'number') node.text = String(BigInt(node.text) + by)
  }
  for (const name of ['lsn', 'pos', 'server_id', 'thread']) if (scalar(field(source, name)) !== '0') shift(field(source, name), 123_456_789n)
  for (const name of ['file', 'gtid']) {
    const place = field(source, name)
    if (place?.kind === 'string' && place.text !== '') place.text = `other-${place.text}`
  }
  shift(field(source, 'txId'), 4_711n)
  for (const [node, seconds] of [[source, 86_400n], [value, 86_401n]] as const) {
    shift(field(node, 'ts_ms'), seconds * 1_000n)
    shift(field(node, 'ts_us'), seconds * 1_000_000n)
    shift(field(node, 'ts_ns'), seconds * 1_000_000_000n)
  }
  const sequence = field(source, 'sequence')
  if (sequence?.kind === 'string') {
    sequence.text = JSON.stringify((JSON.parse(sequence.text) as (string | null)[]).map((lsn) => (lsn === null ? null : String(BigInt(lsn) + 123_456_789n))))
  }
  const transactions = field(value, 'status') === undefined ? [field(field(value, 'transaction'), 'id')] : [field(value, 'id'), field(payload(field(record, 'key')), 'id')]
  for (const id of transactions) {
    if (id?.kind !== 'string') continue
    const [, tx, lsn] = /^(\d+):(\d+)$/.exec(id.text) ?? []
    id.text = tx === undefined || lsn === undefined ? `other-${id.text}` : `${BigInt(tx) + 4_711n}:${BigInt(lsn) + 123_456_789n}`
  }
  const version = field(source, 'version')
  if (version?.kind === 'string') version.text = '0.0.0'
  const runId = payload(field(field(record, 'headers'), '__debezium.context.runId'))
  if (runId?.kind === 'string') runId.text = runId.text.replace(/./g, 'x')
  const counts = field(value, 'data_collections')
  for (const name of leaves(counts ?? { kind: 'array', items: [] })) if (name.kind === 'string') name.text = name.text.replace(/(MessageId@)[0-9a-f]+$/, '$1beef')
  return record
}
