import { createRequire } from 'node:module'
import zlib from 'node:zlib'
import { TailraceError } from '../error/tailrace-error.ts'

/** What record batches may be compressed with. */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** A compression and its number in a record batch's attributes. */
export interface Codec {
  readonly id: number
  readonly compress: Compress
}

type Compress = (bytes: Buffer) => Buffer

/** Packages that have what Node has not; loaded when they are asked for. */
const PACKAGES = { snappy: 'snappy', lz4: 'lz4-napi' } as const

/**
 * The codec for a name; undefined for `none`. gzip is in every Node, zstd from 22.15 on, snappy and lz4 are in the packages `snappy` and
 * `lz4-napi`. Errors: TR_KAFKA_COMPRESSION, for one that is not to be had here.
 */
export function codecOf(compression: Compression): Codec | undefined {
  switch (compression) {
    case 'none':
      return undefined
    case 'gzip':
      return { id: 1, compress: (bytes) => zlib.gzipSync(bytes) }
    case 'snappy':
      return { id: 2, compress: xerial(load<{ readonly compressSync: Compress }>('snappy').compressSync) }
    case 'lz4':
      return { id: 3, compress: load<{ readonly compressFrameSync: Compress }>('lz4').compressFrameSync }
    case 'zstd':
      return { id: 4, compress: zstd() }
  }
}

function zstd(): Compress {
  const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer }
  if (zstdCompressSync === undefined) throw new TailraceError('TR_KAFKA_COMPRESSION', { message: 'zstd needs Node 22.15 or newer', where: { compression: 'zstd' } })
  return (bytes) => zstdCompressSync(bytes)
}

function load<Module>(name: keyof typeof PACKAGES): Module {
  try {
    return createRequire(import.meta.url)(PACKAGES[name]) as Module
  } catch (error) {
    throw new TailraceError('TR_KAFKA_COMPRESSION', { message: `${name} needs the package ${PACKAGES[name]}`, where: { compression: name }, cause: error })
  }
}

const XERIAL_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1])
const XERIAL_BLOCK = 32 * 1024

/** Kafka's snappy is the stream format of snappy-java (SnappyOutputStream): a header, then blocks with their lengths. */
function xerial(compress: Compress): Compress {
  return (bytes) => {
    const parts: Buffer[] = [XERIAL_HEADER]
    for (let at = 0; at < bytes.length; at += XERIAL_BLOCK) {
      const block = compress(bytes.subarray(at, at + XERIAL_BLOCK))
      const length = Buffer.alloc(4)
      length.writeInt32BE(block.length)
      parts.push(length, block)
    }
    return Buffer.concat(parts)
  }
}
