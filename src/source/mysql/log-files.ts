import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from './control.ts'
import type { LogPlace } from './position.ts'

/** The file is there, and the place is in it. Errors: TR_MYSQL_BINLOG_PURGED, TR_MYSQL_BINLOG_RESET. */
export async function checkFile({ file, pos }: LogPlace, query: Query): Promise<void> {
  const files = await query('SHOW BINARY LOGS')
  const found = files.find((row) => row['Log_name'] === file)
  if (found === undefined) {
    const first = files[0]?.['Log_name']
    throw purged(`the file ${file}${first === undefined ? '' : ` (the first one left is ${String(first)})`}`)
  }
  if (pos > Number(found['File_size'])) {
    throw new TailraceError('TR_MYSQL_BINLOG_RESET', { message: `The stored offset ${file}:${pos} is beyond the end of that file at ${String(found['File_size'])}`, where: { file, pos, size: Number(found['File_size']) } })
  }
}

export function purged(what: string): TailraceError {
  return new TailraceError('TR_MYSQL_BINLOG_PURGED', { message: `The server has removed what the stored offset needs: ${what}`, where: { needed: what } })
}

/**
 * What a connection sets before it asks for a dump. `role`: MySQL's word for the server that is read from (`@source_…` since 8.0.26; the
 * server looks at both names), MariaDB's is `master`. The server leaves checksums out unless it is told that they are understood.
 */
export function dumpSettings({ heartbeatMs, netWriteTimeoutSeconds }: { readonly heartbeatMs: number; readonly netWriteTimeoutSeconds: number }, role: 'source' | 'master'): string[] {
  const nanoseconds = heartbeatMs * 1_000_000
  const roles = role === 'source' ? (['source', 'master'] as const) : (['master'] as const)
  return [
    ...roles.map((word) => `SET @${word}_binlog_checksum = 'CRC32'`),
    ...roles.map((word) => `SET @${word}_heartbeat_period = ${nanoseconds}`),
    `SET SESSION net_write_timeout = ${netWriteTimeoutSeconds}`,
  ]
}
