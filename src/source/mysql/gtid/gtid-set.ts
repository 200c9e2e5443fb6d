import { TailraceError } from '../../../error/tailrace-error.ts'
import type { Gtid, GtidPosition } from './gtid-position.ts'
import { MAX_NUMBER, TAG } from './mysql-gtid.ts'
import { IntervalList, joinRanges, subtract, unite, type Bounds } from './interval-list.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUID_LENGTH = 36
const INTERVAL = /^(\d{1,19})(?:\s*-\s*(\d{1,19}))?$/

/** The numbers of one uuid, or of one tag of it. */
class Group {
  /** `<uuid>` or `<uuid>:<tag>`: in this order uuids and tags are sorted as the server sorts them. */
  readonly name: string
  readonly numbers: IntervalList

  constructor(name: string, numbers: IntervalList) {
    this.name = name
    this.numbers = numbers
  }
}

/**
 * A set of MySQL transactions, `uuid:1-3:5,uuid:7:tag:1-2` (manual, GTID Format and Storage). Growing it costs a copy of as many
 * references as it has uuids and tags; numbers are shared.
 */
export class GtidSet implements GtidPosition {
  static readonly EMPTY: GtidSet = new GtidSet([])

  readonly #groups: readonly Group[]

  private constructor(groups: readonly Group[]) {
    this.#groups = groups
  }

  /**
   * Upper case, blanks and line breaks, empty parts, and ranges in any order are allowed, as the server allows them.
   * Errors: TR_OFFSET_CORRUPT.
   */
  static parse(text: string): GtidSet {
    const ranges = new Map<string, [bigint, bigint][]>()
    for (const part of text.toLowerCase().split(',')) {
      if (part.trim() === '') continue
      const [uuid = '', ...items] = part.split(':').map((item) => item.trim())
      if (!UUID.test(uuid) || items.length === 0) throw damaged(part)
      readNumbers(uuid, items, ranges)
    }
    return fromBounds([...ranges].map(([name, unsorted]) => [name, joinRanges(unsorted)]), (groups) => new GtidSet(groups))
  }

  get empty(): boolean {
    return this.#groups.length === 0
  }

  get cardinality(): bigint {
    return this.#groups.reduce((sum, { numbers }) => sum + numbers.cardinality, 0n)
  }

  contains({ group, number }: Gtid): boolean {
    return this.#find(group)?.contains(number) ?? false
  }

  with({ group, number }: Gtid): GtidSet {
    const groups = this.#groups
    const at = placeOf(groups, group)
    const found = groups[at]
    if (found?.name !== group) return new GtidSet(groups.toSpliced(at, 0, new Group(group, IntervalList.of(number))))
    const numbers = found.numbers.with(number)
    return numbers === found.numbers ? this : new GtidSet(groups.with(at, new Group(group, numbers)))
  }

  isSubsetOf(other: GtidPosition): boolean {
    const that = asSet(other)
    return this === that || this.#groups.every(({ name, numbers }) => {
      const others = that.#find(name)
      return others !== undefined && numbers.isSubsetOf(others)
    })
  }

  equals(other: GtidPosition): boolean {
    const that = asSet(other)
    if (this.#groups.length !== that.#groups.length) return false
    return this.#groups.every(({ name, numbers }, index) => that.#groups[index]!.name === name && numbers.equals(that.#groups[index]!.numbers))
  }

  intersects(other: GtidSet): boolean {
    return this.#groups.some(({ name, numbers }) => {
      const others = other.#find(name)
      return others !== undefined && numbers.intersects(others)
    })
  }

  union(other: GtidSet): GtidSet {
    const bounds = new Map<string, Bounds>(this.#groups.map(({ name, numbers }) => [name, numbers.bounds]))
    for (const { name, numbers } of other.#groups) bounds.set(name, unite(bounds.get(name) ?? [], numbers.bounds))
    return fromBounds([...bounds], (groups) => new GtidSet(groups))
  }

  /** What is in this set and not in the other. */
  subtract(other: GtidSet): GtidSet {
    return fromBounds(this.#groups.map(({ name, numbers }) => [name, subtract(numbers.bounds, other.#find(name)?.bounds ?? [])]), (groups) => new GtidSet(groups))
  }

  /** The uuid is written once, before its first tag. */
  toString(): string {
    let text = ''
    let uuid = ''
    for (const { name, numbers } of this.#groups) {
      const same = name.startsWith(uuid) && uuid !== ''
      text += `${text === '' ? '' : same ? ':' : ','}${same ? name.slice(UUID_LENGTH + 1) : name}:${numbers.toString()}`
      uuid = name.slice(0, UUID_LENGTH)
    }
    return text
  }

  #find(name: string): IntervalList | undefined {
    const found = this.#groups[placeOf(this.#groups, name)]
    return found?.name === name ? found.numbers : undefined
  }
}

function readNumbers(uuid: string, items: readonly string[], ranges: Map<string, [bigint, bigint][]>): void {
  let name = uuid
  for (const item of items) {
    if (TAG.test(item)) {
      name = `${uuid}:${item}`
      continue
    }
    const [, start, end = start] = INTERVAL.exec(item) ?? []
    if (start === undefined) throw damaged(item)
    const first = BigInt(start)
    const last = BigInt(end!)
    if (first === 0n || first > MAX_NUMBER || last > MAX_NUMBER) throw damaged(item)
    const before = ranges.get(name)
    // a range that ends before it begins is empty
    if (last < first) continue
    if (before === undefined) ranges.set(name, [[first, last]])
    else before.push([first, last])
  }
}

function fromBounds(bounds: readonly (readonly [name: string, bounds: Bounds])[], make: (groups: readonly Group[]) => GtidSet): GtidSet {
  const groups: Group[] = []
  for (const [name, all] of bounds) {
    const numbers = IntervalList.from(all)
    if (numbers !== undefined) groups.push(new Group(name, numbers))
  }
  return groups.length === 0 ? GtidSet.EMPTY : make(groups.sort((one, other) => (one.name < other.name ? -1 : 1)))
}

/** Index of the group, or where it would be. */
function placeOf(groups: readonly Group[], name: string): number {
  let low = 0
  let high = groups.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (groups[middle]!.name < name) low = middle + 1
    else high = middle
  }
  return low
}

function asSet(other: GtidPosition): GtidSet {
  if (other instanceof GtidSet) return other
  throw damaged(other.toString())
}

function damaged(part: string): TailraceError {
  return new TailraceError('TR_OFFSET_CORRUPT', { message: `Not a set of MySQL GTIDs: ${JSON.stringify(part.slice(0, 100))}`, where: { member: 'gtids' } })
}
