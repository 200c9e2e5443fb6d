import { malformed } from '../binlog/malformed.ts'
import { MAX_DEPTH } from './binary-json.ts'

/** `.name`, `[3]`, or `[last-3]`: counted from the last element. */
export type PathLeg = { readonly name: Buffer } | { readonly index: number; readonly fromLast: boolean }

const MEMBER = /\.(?:"((?:[^"\\]|\\.)*)"|([^."[\]\s]+))/suy
const CELL = /\[(?:(\d{1,10})|last(?:-(\d{1,10}))?)\]/y

/** A path as the server prints it (Json_path::to_string, sql-common/json_path.cc): `$.a[3]."a b"[last-1]`, quoted names as in JSON. */
export function parsePath(text: string): PathLeg[] {
  if (text[0] !== '$') throw malformed('JSON path', 'it does not begin at the root')
  const legs: PathLeg[] = []
  for (let at = 1; at < text.length;) {
    const pattern = text[at] === '.' ? MEMBER : CELL
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) throw malformed('JSON path', `no step can be read at ${at}`)
    if (legs.length === MAX_DEPTH) throw malformed('JSON path', 'it is too deep')
    at = pattern.lastIndex
    legs.push(pattern === MEMBER ? { name: Buffer.from(match[1] === undefined ? match[2]! : unquote(match[1], at)) } : { index: Number(match[1] ?? match[2] ?? 0), fromLast: match[1] === undefined })
  }
  return legs
}

function unquote(quoted: string, at: number): string {
  try {
    return JSON.parse(`"${quoted}"`) as string
  } catch {
    throw malformed('JSON path', `the name before ${at} is not valid`)
  }
}
