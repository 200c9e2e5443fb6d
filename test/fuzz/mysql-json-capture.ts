import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('capture/mysql-json.json', import.meta.url))

/** Bytes in base64, as MySQL wrote them to its log; TAILRACE_RECORD=1 with the integration tests of JSON writes them again. */
export interface JsonCapture {
  /** With the text that a snapshot has of each. */
  readonly documents: readonly { readonly binary: string; readonly text: string }[]
  readonly updates: readonly { readonly before: string; readonly diffs: string; readonly text: string }[]
}

export function readJsonCapture(): JsonCapture {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JsonCapture) : { documents: [], updates: [] }
}

/** What is to be compared with the capture: itself, where it is recorded anew. */
export function capturedPart<K extends keyof JsonCapture>(part: K, fresh: JsonCapture[K]): JsonCapture[K] {
  if (process.env['TAILRACE_RECORD'] === '1') writeFileSync(file, `${JSON.stringify({ ...readJsonCapture(), [part]: fresh }, undefined, 1)}\n`)
  return readJsonCapture()[part]
}
