import { expect, test } from 'vitest'
import { isTailraceError } from '../../../../../src/error/tailrace-error.ts'
import { GtidSet } from '../../../../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../../../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { campaign } from '../../../../fuzz/campaign.ts'
import { anyGtid, anySet, gtidOf, print } from './gtid-model.ts'

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
const OTHER = '02345678-71ca-11e1-9e33-c80aa9429562'

test('a set prints as the server prints it: uuids and tags in order, ranges joined, the uuid once', () => {
  const text = `${UUID.toUpperCase()}:5:1-3:b:7:aa:3:zz:1:_x:2:a:1-4:B:8,\n ${OTHER}:1:Tag:1`
  expect(GtidSet.parse(text).toString()).toBe(`${OTHER}:1:tag:1,${UUID}:1-3:5:_x:2:a:1-4:aa:3:b:7-8:zz:1`)
  expect(GtidSet.parse(`${UUID} : 5 - 7 : 9 `).toString()).toBe(`${UUID}:5-7:9`)
  expect(GtidSet.parse(`,,${UUID}:001-002,,`).toString()).toBe(`${UUID}:1-2`)
  expect(GtidSet.parse(`${UUID}:t:1:2:4,${UUID}:5,${UUID}:a:7`).toString()).toBe(`${UUID}:5:a:7:t:1-2:4`)
  expect(GtidSet.parse(' \n').empty).toBe(true)
  expect(GtidSet.parse(`${UUID}:5-3`).empty).toBe(true)
})

test('numbers up to the largest that a server gives out are exact', () => {
  const all = GtidSet.parse(`${UUID}:1-9223372036854775806`)
  expect(all.toString()).toBe(`${UUID}:1-9223372036854775806`)
  expect(all.cardinality).toBe(9223372036854775806n)
  const hole = all.subtract(GtidSet.parse(`${UUID}:9223372036854775805`))
  expect(hole.toString()).toBe(`${UUID}:1-9223372036854775804:9223372036854775806`)
  expect(hole.with(gtidOf(UUID, 9223372036854775805n)).equals(all)).toBe(true)
})

test('what the server calls malformed is a damaged offset', () => {
  const items = [':0', ':9223372036854775807', ':', '', ':1-', ':a:', ':a123456789012345678901234567890123:1', ':1-2-3', ':9a:1', ':a-b:1', '::1', ':1::2', ':1:', ':1 2', ':0-5', ':99999999999999999999', ':1.5', ':-1', ';1']
  for (const text of [...items.map((item) => UUID + item), `${UUID.slice(1)}:1`, 'x', '0-1-2', `${UUID}1:1`]) expect(codeOf(() => GtidSet.parse(text)), text).toBe('TR_OFFSET_CORRUPT')
  expect(codeOf(() => GtidSet.EMPTY.isSubsetOf(MariadbGtidList.parse('0-1-2')))).toBe('TR_OFFSET_CORRUPT')
})

test('sets behave as plain sets of transactions do', async () => {
  await campaign('sets of GTIDs', 5_000, (random) => {
    const [left, right] = [anySet(random), anySet(random)]
    const [one, other] = [GtidSet.parse(left.text), GtidSet.parse(right.text)]
    expect(one.toString()).toBe(print(left.model))
    expect(one.cardinality).toBe(BigInt(left.model.size))
    expect(one.empty).toBe(left.model.size === 0)
    expect(GtidSet.parse(one.toString()).equals(one)).toBe(true)
    const difference = one.subtract(other)
    expect(difference.toString()).toBe(print(new Set([...left.model].filter((gtid) => !right.model.has(gtid)))))
    expect(one.union(other).toString()).toBe(print(new Set([...left.model, ...right.model])))
    expect(one.intersects(other)).toBe([...left.model].some((gtid) => right.model.has(gtid)))
    expect(one.equals(other)).toBe(print(left.model) === print(right.model))
    for (const [small, large] of [[one, other], [difference, one], [one, one.union(other)]] as const) {
      expect(small.isSubsetOf(large)).toBe(small.subtract(large).empty)
      expect(large.isSubsetOf(small)).toBe(large.subtract(small).empty)
    }
    const gtid = anyGtid(random)
    expect(one.contains(gtid)).toBe(left.model.has(gtid.text))
  })
})

test('a set grows in any order of commits, and what it grew from stays as it was', async () => {
  await campaign('growth of GTID sets', 500, (random) => {
    const { text, model } = anySet(random)
    const grown = new Set(model)
    const steps: { set: GtidSet; text: string }[] = []
    for (let set = GtidSet.parse(text); steps.length < 60;) {
      const gtid = anyGtid(random)
      set = set.with(gtid)
      grown.add(gtid.text)
      expect(set.contains(gtid)).toBe(true)
      steps.push({ set, text: print(grown) })
    }
    for (const step of steps) expect(step.set.toString()).toBe(step.text)
    for (const [index, { set }] of steps.entries()) if (index > 0) expect(steps[index - 1]!.set.isSubsetOf(set)).toBe(true)
  })
})

test('a commit costs the same however many ranges there are', () => {
  const gaps = Array.from({ length: 50_000 }, (_, index) => 2 * index + 1).join(':')
  let set = GtidSet.parse(`${UUID}:${gaps}:200000`)
  const begin = process.cpuUsage()
  for (let number = 200_001; number <= 300_000; number++) set = set.with(gtidOf(UUID, number))
  const { user, system } = process.cpuUsage(begin)
  expect(set.cardinality).toBe(150_001n)
  // copying the ranges each time would take minutes
  expect((user + system) / 1000).toBeLessThan(2_000)
})

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return isTailraceError(error) ? error.code : String(error)
  }
  return undefined
}
