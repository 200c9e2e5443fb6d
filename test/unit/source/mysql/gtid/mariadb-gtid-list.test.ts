import { expect, test } from 'vitest'
import { isTailraceError } from '../../../../../src/error/tailrace-error.ts'
import type { Gtid } from '../../../../../src/source/mysql/gtid/gtid-position.ts'
import { GtidSet } from '../../../../../src/source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../../../../src/source/mysql/gtid/mariadb-gtid-list.ts'
import { campaign, type Random } from '../../../../fuzz/campaign.ts'

test('a list has the last transaction of each domain, in order of domains', () => {
  const list = MariadbGtidList.parse(' 10-3-7,\n0-1-270,2-4294967295-18446744073709551615')
  expect(list.toString()).toBe('0-1-270,2-4294967295-18446744073709551615,10-3-7')
  expect(list.domains()).toEqual(['0', '2', '10'])
  expect(MariadbGtidList.parse('').empty).toBe(true)
  expect(MariadbGtidList.parse('007-01-08').toString()).toBe('7-1-8')
})

test('of several servers in one domain the latest transaction counts', () => {
  expect(MariadbGtidList.parse('0-1-5,0-2-9,0-3-2').toString()).toBe('0-2-9')
})

test('a fail-over goes on in the same domain under another server', () => {
  const list = MariadbGtidList.parse('0-1-5')
  const next = list.with(gtid(0, 2, 6n))
  expect(next.toString()).toBe('0-2-6')
  expect(list.toString()).toBe('0-1-5')
  expect(list.isSubsetOf(next)).toBe(true)
  expect(next.isSubsetOf(list)).toBe(false)
  expect(next.with(gtid(0, 1, 5n))).toBe(next)
  expect(next.contains(gtid(0, 1, 3n))).toBe(true)
  expect(next.contains(gtid(1, 1, 3n))).toBe(false)
})

test('what is no list is a damaged offset', () => {
  for (const text of ['0', '0-1', '0-1-2-3', 'a-1-2', '-1-2', '4294967296-1-1', '0-4294967296-1', '0-1-18446744073709551616', '0-1-2;', '0 - 1 - 2', '3e11fa47-71ca-11e1-9e33-c80aa9429562:1']) {
    expect(codeOf(() => MariadbGtidList.parse(text)), text).toBe('TR_OFFSET_CORRUPT')
  }
  expect(codeOf(() => MariadbGtidList.EMPTY.isSubsetOf(GtidSet.EMPTY))).toBe('TR_OFFSET_CORRUPT')
})

test('lists behave as a plain map of domains does', async () => {
  await campaign('lists of GTIDs', 5_000, (random) => {
    const [left, right] = [anyModel(random), anyModel(random)]
    const [one, other] = [fromModel(left), fromModel(right)]
    const within = [...left].every(([domain, last]) => last.number <= (right.get(domain)?.number ?? -1n))
    const around = [...right].every(([domain, last]) => last.number <= (left.get(domain)?.number ?? -1n))
    expect(one.isSubsetOf(other)).toBe(within)
    expect(one.equals(other)).toBe(within && around)
    const next = anyGtid(random)
    expect(one.contains(next)).toBe(next.number <= (left.get(next.group)?.number ?? -1n))
    const before = one.toString()
    expect(one.with(next).contains(next)).toBe(true)
    expect(one.isSubsetOf(one.with(next))).toBe(true)
    expect(one.toString()).toBe(before)
    expect(MariadbGtidList.parse(before).equals(one)).toBe(true)
  })
})

function anyModel(random: Random): Map<string, Gtid> {
  const model = new Map<string, Gtid>()
  for (let left = random.below(4); left > 0; left--) {
    const one = anyGtid(random)
    model.set(one.group, one)
  }
  return model
}

function fromModel(model: ReadonlyMap<string, Gtid>): MariadbGtidList {
  return [...model.values()].reduce((list, one) => list.with(one), MariadbGtidList.EMPTY)
}

function anyGtid(random: Random): Gtid {
  return gtid(random.below(3), random.below(3) + 1, BigInt(random.below(4) + 1))
}

function gtid(domain: number, server: number, number: bigint): Gtid {
  return { group: String(domain), server, number, text: `${domain}-${server}-${number}` }
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return isTailraceError(error) ? error.code : String(error)
  }
  return undefined
}
