import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

const GOLDEN = path.join(import.meta.dirname, '../../golden')

/** The histories that Debezium (3.6.1 for MySQL 9.7, 3.5.0 for MariaDB 11.8) left behind in the scenarios, by name: `mysql/types/schema-history`. */
export function goldenHistories(): ReadonlyMap<string, readonly string[]> {
  const files = ['mysql', 'mariadb'].flatMap((source) => readdirSync(path.join(GOLDEN, source), { recursive: true, encoding: 'utf8' }).map((name) => path.join(source, name)))
  return new Map(files.filter((name) => /schema-history[^/]*\.ndjson(\.gz)?$/.test(name)).map((name) => [name.replace(/\.ndjson(\.gz)?$/, ''), linesOf(path.join(GOLDEN, name))]))
}

function linesOf(file: string): string[] {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').filter(Boolean)
}
