import type { Gtid } from '../../../../../src/source/mysql/gtid/gtid-position.ts'
import type { Random } from '../../../../fuzz/campaign.ts'

const UUIDS = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', '02345678-71ca-11e1-9e33-c80aa9429562', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
const TAGS = ['', '', ':a', ':aa', ':_x', ':b9', ':zz_long_tag_of_thirty_two_letter']
/** Up to here numbers are drawn, so that ranges meet and join. */
const NUMBERS = 24

/** A set as plain as it can be: one text a transaction. */
export type Model = ReadonlySet<string>

export function gtidOf(group: string, number: number | bigint): Gtid {
  return { group, server: 0, number: BigInt(number), text: `${group}:${number}` }
}

export function anyGtid(random: Random): Gtid {
  return gtidOf(`${random.pick(UUIDS)}${random.pick(TAGS)}`, random.below(NUMBERS) + 1)
}

/** A set's text in no order, with all that the server allows, and what it means. */
export function anySet(random: Random): { text: string; model: Model } {
  const model = new Set<string>()
  const parts: string[] = []
  for (let left = random.below(5); left > 0; left--) {
    const uuid = random.pick(UUIDS)
    let group = uuid
    let part = random.chance(2) ? uuid.toUpperCase() : uuid
    for (let items = random.below(6) + 1; items > 0; items--) {
      const tag = random.pick(TAGS)
      if (tag !== '') {
        group = uuid + tag
        part += random.chance(2) ? tag.toUpperCase() : tag
      }
      const first = random.below(NUMBERS) + 1
      const last = random.chance(2) ? first : first + random.below(5) - 1
      part += `${blank(random)}:${blank(random)}${first}${last === first ? '' : `${blank(random)}-${blank(random)}${last}`}`
      for (let number = first; number <= last; number++) model.add(`${group}:${number}`)
    }
    parts.push(`${blank(random)}${part}${blank(random)}`)
    if (random.chance(6)) parts.push('')
  }
  return { text: parts.join(random.chance(2) ? ',' : ',\n'), model }
}

function blank(random: Random): string {
  return random.chance(8) ? random.pick([' ', '\n', '  ']) : ''
}

/** Printed as the server does it, out of the single transactions. */
export function print(model: Model): string {
  const groups = new Map<string, number[]>()
  for (const one of model) {
    const at = one.lastIndexOf(':')
    groups.set(one.slice(0, at), [...(groups.get(one.slice(0, at)) ?? []), Number(one.slice(at + 1))])
  }
  const uuids = new Map<string, string>()
  for (const group of [...groups.keys()].sort()) {
    const [uuid = '', tag] = group.split(':')
    uuids.set(uuid, `${uuids.get(uuid) ?? uuid}${tag === undefined ? '' : `:${tag}`}${runs(groups.get(group)!)}`)
  }
  return [...uuids.values()].join(',')
}

function runs(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((one, other) => one - other)
  let text = ''
  for (let i = 0; i < sorted.length;) {
    let end = i
    while (sorted[end + 1] === sorted[end]! + 1) end++
    text += `:${sorted[i]!}${end > i ? `-${sorted[end]!}` : ''}`
    i = end + 1
  }
  return text
}
