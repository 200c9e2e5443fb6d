import * as fs from 'node:fs/promises'
import { TailraceError } from '../../error/tailrace-error.ts'
import { systemClock, type Clock } from '../../time/clock.ts'
import { decodeKey, encodeKey, type ConnectKey } from '../connect/offset-key.ts'
import { decodeValue, encodeValue } from '../connect/offset-value.ts'
import type { FileCodec } from '../file/file-codec.ts'
import { errnoOf, readSmallFile } from '../file/file-system.ts'
import { fileStore, type FileOffsetsOptions } from '../file/file-offsets.ts'
import { decodeOffset } from '../file/offset-file.ts'
import type { OffsetStore, StoredOffset } from '../offset-store.ts'
import { NoJavaMap, readJavaMap, writeJavaMap, type JavaMap } from './java-map.ts'

/** Options of {@link debeziumFileOffsets}. */
export interface DebeziumFileOptions {
  /** Debezium's `topic.prefix`, part of what an offset is kept under. */
  readonly server: string
  /** Debezium's `name`, the other part. Default the engine's name. Debezium Server's is the value of `debezium.sink.type`. */
  readonly name?: string
  /** The kind of the source that the file's offset is of. Default `postgresql`. */
  readonly source?: string
}

/** For tests. */
export interface DebeziumFileSurroundings extends FileOffsetsOptions {
  /** Tells the time that Debezium takes for the last event's. Default the system's. */
  readonly clock?: Clock
}

/** One connector's offset takes some hundred bytes, its incremental snapshot some thousand. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * Keeps an engine's offset in the file of Kafka Connect's FileOffsetBackingStore, as Debezium reads and writes it: a serialised Java map.
 * Written as {@link fileOffsets} writes: locked, whole or not at all, mode 0600. Other engines' entries stay as they are. A file that
 * `fileOffsets` wrote is read, and written in Debezium's form from then on. Debezium takes an empty or torn file for none and begins
 * anew; here it is TR_OFFSET_CORRUPT. Errors: TR_CONFIG_INVALID for a path that names no file; of the store those of
 * {@link OffsetStore}, and TR_OFFSET_UNFINISHED.
 */
export function debeziumFileOffsets(path: string, options: DebeziumFileOptions, surroundings: DebeziumFileSurroundings = {}): OffsetStore {
  return fileStore(path, new ConnectFileCodec(options, surroundings.clock ?? systemClock), surroundings)
}

/** What {@link debeziumFileOffsets} would load, without holding the file: an engine may be using it. Errors: as loading it, but TR_OFFSET_LOCKED and TR_OFFSET_WRITE. */
export async function peekDebeziumFile(path: string, options: DebeziumFileOptions & { readonly anyName?: boolean }, engine: string): Promise<StoredOffset | undefined> {
  const bytes = await readOffsetFile(path)
  return new ConnectFileCodec(options, systemClock).decode(bytes, engine, path)
}

/** Undefined where there is no file. Errors: TR_OFFSET_READ. */
export async function readOffsetFile(path: string): Promise<Buffer | undefined> {
  const unreadable = (reason: string, cause?: unknown): TailraceError => new TailraceError('TR_OFFSET_READ', { message: `${path} cannot be read: ${reason}`, where: { file: path }, cause })
  const found = await readSmallFile(fs, path, MAX_FILE_BYTES).catch((error: unknown) => {
    throw unreadable(errnoOf(error) ?? 'see the cause', error)
  })
  if (found.kind === 'refused') throw unreadable(found.reason)
  return found.kind === 'missing' ? undefined : found.bytes
}

class ConnectFileCodec implements FileCodec {
  readonly maxBytes: number = MAX_FILE_BYTES
  readonly #options: DebeziumFileOptions & { readonly anyName?: boolean }
  readonly #clock: Clock
  /** What else the file held when it was loaded. */
  #others: JavaMap = []

  constructor(options: DebeziumFileOptions & { readonly anyName?: boolean }, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  decode(bytes: Buffer | undefined, engine: string, file: string): StoredOffset | undefined {
    this.#others = []
    if (bytes === undefined) return undefined
    if (bytes[0] === 0x7b) return decodeOffset(bytes, engine, file)
    const map = readConnectFile(bytes, file)
    const key = this.#key(engine)
    const own = findEntry(map, key)
    this.#others = map.filter((entry) => entry !== own)
    if (own === undefined) refuseRenamed(map, key, file)
    const { source, anyName = false } = this.#options
    return own === undefined ? undefined : decodeValue(own[1], { engine, place: file, anyName, ...(source === undefined ? {} : { source }) })
  }

  encode(offset: StoredOffset): Buffer {
    return writeJavaMap([...this.#others, [encodeKey(this.#key(offset.engine)), encodeValue(offset, this.#clock.nowMicros())]])
  }

  #key(engine: string): ConnectKey {
    return { engine: this.#options.name ?? engine, server: this.#options.server }
  }
}

/** The entries of a file of FileOffsetBackingStore's. Errors: TR_OFFSET_CORRUPT. */
export function readConnectFile(bytes: Buffer, file: string): JavaMap {
  if (bytes.length === 0) {
    throw new TailraceError('TR_OFFSET_CORRUPT', {
      message: `${file} is empty`, where: { file }, remedy: 'A crash while Debezium wrote it leaves it so: restore it from a copy. If nothing was ever stored in it, delete it',
    })
  }
  try {
    return readJavaMap(bytes)
  } catch (error) {
    if (!(error instanceof NoJavaMap)) throw error
    throw new TailraceError('TR_OFFSET_CORRUPT', { message: `${file} is damaged: ${error.message}`, where: { file } })
  }
}

/** The entry with exactly this key, as Connect looks it up. */
export function findEntry(map: JavaMap, key: ConnectKey): JavaMap[number] | undefined {
  const bytes = encodeKey(key)
  return map.find(([found]) => found !== null && bytes.equals(found))
}

/** Debezium begins anew, with a snapshot, when `name` or `topic.prefix` is changed: nobody means that. An entry that shares neither is another engine's. */
function refuseRenamed(map: JavaMap, { engine, server }: ConnectKey, file: string): void {
  for (const [bytes] of map) {
    const found = bytes === null ? undefined : decodeKey(bytes)
    if (found === undefined || (found.engine !== engine && found.server !== server)) continue
    throw new TailraceError('TR_OFFSET_FOREIGN', {
      message: `${file} has an offset of name ${JSON.stringify(found.engine)} and topic.prefix ${JSON.stringify(found.server)}, none of ${JSON.stringify(engine)} and ${JSON.stringify(server)}`,
      where: { file, name: engine, server, foundName: found.engine, foundServer: found.server },
      remedy: 'Use the name and topic.prefix that the offset was stored under (Debezium Server’s name is the value of debezium.sink.type), or another file',
    })
  }
}
