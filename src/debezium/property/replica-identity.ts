import { compileJavaPattern } from '../pattern/java-pattern.ts'
import { PatternSyntaxError } from '../pattern/pattern-scanner.ts'

/** What ALTER TABLE … REPLICA IDENTITY takes. */
export type Identity = 'DEFAULT' | 'FULL' | 'NOTHING' | `INDEX ${string}`

export interface ReplicaIdentity {
  readonly table: RegExp
  readonly identity: Identity
}

/** `<tables>:<identity>`, the words in either case. The tables' expression has neither spaces nor colons. */
const ENTRY = /^\s*([^\s:]+):(?:(DEFAULT|FULL|NOTHING)|INDEX (.\w*))\s*$/i

/** Reads `replica.identity.autoset.values`: `public.a:FULL,public.b:INDEX b_key`. Split at every comma, as Debezium does. */
export function parseReplicaIdentities(text: string): { readonly identities: ReplicaIdentity[]; readonly reasons: string[] } {
  const identities: ReplicaIdentity[] = []
  const reasons: string[] = []
  for (const entry of text.split(',')) {
    const match = ENTRY.exec(entry)
    if (match === null) {
      reasons.push(`"${entry.trim()}" is not of the form schema.table:DEFAULT|FULL|NOTHING|INDEX name`)
      continue
    }
    const [, table = '', word, index = ''] = match
    try {
      identities.push({ table: compileJavaPattern(table), identity: word === undefined ? `INDEX ${index}` : (word.toUpperCase() as Identity) })
    } catch (error) {
      if (!(error instanceof PatternSyntaxError)) throw error
      reasons.push(`not a valid regular expression: "${table}": ${error.message}`)
    }
  }
  return { identities, reasons }
}
