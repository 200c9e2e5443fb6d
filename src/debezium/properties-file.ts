import { readFileSync } from 'node:fs'
import { parseLines } from 'dot-properties'
import { TailraceError } from '../error/tailrace-error.ts'

/** Properties by name, a path to a .properties file, or the text of one (a string with a line break or an equals sign). */
export type DebeziumProperties = Readonly<Record<string, string>> | string | URL

/** The names and values of a configuration, in the order of the file; the last of several with the same name counts. Errors: TR_CONFIG_FILE. */
export function readProperties(input: DebeziumProperties): Map<string, string> {
  if (input instanceof URL) return parseProperties(readFile(input))
  if (typeof input === 'string') return parseProperties(/[\n\r=]/.test(input) ? input : readFile(input))
  return new Map(Object.entries(input))
}

/** Reads the format of java.util.Properties. */
function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of parseLines(text.replace(/^\uFEFF/, ''))) {
    if (typeof line === 'string') continue
    const [name = '', value = ''] = line
    properties.set(name, value)
  }
  return properties
}

function readFile(path: string | URL): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new TailraceError('TR_CONFIG_FILE', { message: `The configuration file ${String(path)} cannot be read (${reason})`, where: { path: String(path), reason }, cause })
  }
}
