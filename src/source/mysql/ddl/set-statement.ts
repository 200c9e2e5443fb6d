import { charsetName, charsetOfCollation } from './charset-name.ts'
import { inner } from './literal.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import type { TokenReader } from './token-reader.ts'

/** Behind SET. `SET character_set_server=…, collation_server=…` is how a snapshot's records begin; others do nothing to tables. */
export function setVariables(reader: TokenReader, setServerCharset: (charset: string) => void): Statement {
  let concerns = false
  for (; !reader.atEnd; reader.acceptSymbol(',')) {
    reader.acceptOne('GLOBAL', 'SESSION', 'LOCAL', 'PERSIST', 'PERSIST_ONLY')
    const variable = reader.acceptOne('CHARACTER_SET_SERVER', 'COLLATION_SERVER')
    if (variable !== undefined && (reader.acceptSymbol('=') || (reader.acceptSymbol(':') && reader.acceptSymbol('=')))) {
      const value = reader.isText() ? inner(reader.next().text) : reader.identifier()
      const charset = variable === 'COLLATION_SERVER' ? charsetOfCollation(value) : charsetName(value)
      if (charset !== undefined) setServerCharset(charset)
      concerns = true
    }
    reader.skipMember()
    if (reader.isSymbol(')')) throw reader.fail()
  }
  return concerns ? recorded('', reader.source) : { kind: 'irrelevant' }
}
