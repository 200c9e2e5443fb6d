import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'

/** Where a value has no union around it. */
export const NO_UNION = -1

/** What the writer has to know of one place in a schema. A class, so that all places share one shape. */
export class AvroNode {
  /** Constant bytes that come before the place. */
  readonly lead: ByteRun
  /** The byte before a value in a union with null. */
  readonly branch: number
  /** The same before a map's keys. */
  readonly keyBranch: number
  /** What stands for a missing value; undefined where there must be one. */
  readonly missing: ByteRun | undefined
  /** An array's items, a map's values. */
  readonly items: AvroNode | undefined
  /** A record's fields, in order. */
  readonly members: readonly AvroNode[] | undefined
  readonly names: readonly string[]
  /** For errors: the column. */
  readonly place: string

  constructor(node: Omit<AvroNode, 'after'>) {
    this.lead = node.lead
    this.branch = node.branch
    this.keyBranch = node.keyBranch
    this.missing = node.missing
    this.items = node.items
    this.members = node.members
    this.names = node.names
    this.place = node.place
  }

  /** The same place behind other constant bytes. */
  after(lead: Buffer): AvroNode {
    return new AvroNode({ ...this, lead: lead.length === 0 ? EMPTY_RUN : byteRun(lead) })
  }
}
