import { readFileSync } from 'node:fs'
import type { CompiledChild } from '../compiled-child.ts'
import { EngineProcess } from '../engine-process.ts'
import type { Row } from '../row.ts'
import { canonical } from './document.ts'
import type { Delivered, KillPoint, MysqlAttempt, MysqlOrder, StoredPlace } from './order.ts'

/** Lines of a child's log. */
interface Line {
  readonly loaded?: StoredPlace | null
  readonly state?: string
  readonly e?: string
  readonly t?: string
  readonly a?: Row | null
  readonly saving?: StoredPlace
  readonly settled?: number
  readonly failed?: string
  readonly message?: string
}

/** An engine in a process of its own. */
export class MysqlProcess extends EngineProcess<MysqlOrder> {
  constructor(child: CompiledChild, order: MysqlOrder, killAt?: { readonly point: KillPoint; readonly nth: number }) {
    super(child, order, killAt)
  }

  get said(): readonly Line[] {
    return this.lines() as readonly unknown[] as readonly Line[]
  }

  async says(satisfied: (line: Line) => boolean, timeoutMs: number): Promise<boolean> {
    return await this.until((lines) => (lines as readonly unknown[] as readonly Line[]).some(satisfied), timeoutMs)
  }

  async inState(state: string, timeoutMs: number): Promise<boolean> {
    return await this.says((line) => line.state === state, timeoutMs)
  }

  /** Waits for the event of the marker of this id. */
  async delivers(marker: string, timeoutMs: number): Promise<boolean> {
    return await this.says(({ t, a }) => t === 'marker' && a?.['id'] === marker, timeoutMs)
  }

  /** Waits until an offset that covers so many events is in its file. */
  async stores(events: number, timeoutMs: number): Promise<boolean> {
    return await this.until(() => {
      const { said } = this
      const stored = canonical(storedIn(this.order.offsets))
      return said.some(({ saving, settled }) => saving !== undefined && settled! >= events && canonical(saving) === stored)
    }, timeoutMs)
  }

  /** After its end. */
  get evidence(): MysqlAttempt {
    const { said } = this
    const failed = said.find((line) => line.failed !== undefined)
    return {
      log: this.order.log,
      events: said.filter((line) => line.e !== undefined) as readonly unknown[] as readonly Delivered[],
      saves: said.flatMap(({ saving, settled }) => (saving === undefined ? [] : [{ position: saving, settled: settled! }])),
      loaded: said.find((line) => line.loaded !== undefined)?.loaded,
      failed: failed !== undefined ? `${failed.failed}: ${failed.message}` : this.complaint !== '' ? `crashed: ${this.complaint}` : undefined,
      stored: storedIn(this.order.offsets),
    }
  }
}

/** The position in an offset file; null without one. */
function storedIn(file: string): StoredPlace | null {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { position: StoredPlace }).position
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
