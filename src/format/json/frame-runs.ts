import type { HeaderSet } from '../format.ts'
import { ABSENT } from '../record-batch.ts'
import type { RecordFraming } from '../record-framing.ts'
import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { JsonWriter } from '../../json/json-writer.ts'

/** What a sink wants around the records of one destination, prepared; nothing at all without a framing. */
export class FrameRuns {
  readonly openingText: string
  readonly openingLength: number
  readonly middleText: string
  readonly middleLength: number
  /** Stands in for opening and key where there is no key. */
  readonly noKey: ByteRun
  readonly #framing: RecordFraming
  readonly #headers: HeaderSet
  readonly #closing: ByteRun
  readonly #opening: ByteRun
  readonly #noValue: ByteRun

  constructor(framing: RecordFraming, destination: string, headers: HeaderSet, partition?: number) {
    this.#framing = framing
    this.openingText = framing.opening(destination, partition)
    this.middleText = framing.middle
    this.#opening = byteRun(this.openingText)
    this.openingLength = this.#opening.bytes.length
    this.middleLength = Buffer.byteLength(framing.middle)
    this.noKey = byteRun(this.openingText + framing.absent)
    this.#noValue = byteRun(framing.middle + framing.absent)
    this.#headers = headers
    this.#closing = byteRun(framing.closing(headers))
  }

  closing(headers: HeaderSet): ByteRun {
    return headers === this.#headers ? this.#closing : byteRun(this.#framing.closing(headers))
  }

  /** The whole frame of a tombstone; its key is the one at [keyStart, keyEnd). */
  writeTombstone(keyStart: number, keyEnd: number, headers: HeaderSet, writer: JsonWriter): void {
    if (keyStart === ABSENT) writer.run(this.noKey)
    else {
      writer.run(this.#opening)
      writer.repeat(keyStart, keyEnd)
    }
    writer.run(this.#noValue)
    writer.run(this.closing(headers))
  }
}
