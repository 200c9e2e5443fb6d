import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'

export const CAPTURED_SERVERS = ['mysql-9.7', 'mariadb-10.11', 'mariadb-11.8'] as const
export type CapturedServer = (typeof CAPTURED_SERVERS)[number]

/** What a real server wrote into its binary log: the files of each section of the workload, without their first four bytes, one behind the other. */
export interface Capture {
  readonly version: string
  readonly sections: Readonly<Record<string, Buffer>>
}

function fileOf(server: CapturedServer): string {
  return fileURLToPath(new URL(`capture/${server}.binlog.gz`, import.meta.url))
}

/** A header of JSON with the sizes of the parts that follow it; all of it compressed. Returns its size. */
export function writeCapture(server: CapturedServer, { version, sections }: Capture): number {
  const header = Buffer.from(JSON.stringify({ version, sections: Object.entries(sections).map(([name, bytes]) => [name, bytes.length]) }))
  const size = Buffer.alloc(4)
  size.writeUInt32BE(header.length)
  const packed = gzipSync(Buffer.concat([size, header, ...Object.values(sections)]), { level: 9 })
  writeFileSync(fileOf(server), packed)
  return packed.length
}

export function readCapture(server: CapturedServer): Capture {
  const bytes = gunzipSync(readFileSync(fileOf(server)))
  let at = 4 + bytes.readUInt32BE(0)
  const { version, sections } = JSON.parse(bytes.toString('utf8', 4, at)) as { version: string; sections: [string, number][] }
  const parts = sections.map(([name, size]): [string, Buffer] => [name, bytes.subarray(at, (at += size))])
  return { version, sections: Object.fromEntries(parts) }
}
