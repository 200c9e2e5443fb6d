import type { Statement } from './schema-contract.ts'
import { unquote } from './literal.ts'
import type { TokenReader } from './token-reader.ts'

/** BEGIN, COMMIT, SAVEPOINT … as the server writes them to its log; undefined: something else. */
export function transactionStatement(reader: TokenReader): Statement | undefined {
  if (reader.accept('BEGIN') || reader.accept('START', 'TRANSACTION')) return { kind: 'begin' }
  if (reader.accept('COMMIT')) return { kind: 'commit' }
  if (reader.accept('SAVEPOINT')) return { kind: 'savepoint', name: readName(reader) }
  if (reader.accept('RELEASE', 'SAVEPOINT')) return { kind: 'release-savepoint' }
  if (reader.accept('ROLLBACK')) {
    reader.accept('WORK')
    if (!reader.accept('TO')) return { kind: 'rollback' }
    reader.accept('SAVEPOINT')
    return { kind: 'rollback-to-savepoint', name: readName(reader) }
  }
  return reader.accept('XA') ? xa(reader) : undefined
}

/** Names of savepoints are the same in any case (find_savepoint in sql/transaction.cc). */
function readName(reader: TokenReader): string {
  return reader.identifier().toLowerCase()
}

function xa(reader: TokenReader): Statement {
  const verb = reader.acceptOne('START', 'BEGIN', 'END', 'PREPARE', 'COMMIT', 'ROLLBACK', 'RECOVER')
  switch (verb) {
    case 'START':
    case 'BEGIN':
      return { kind: 'xa-start', xid: readXid(reader), onePhase: false }
    case 'END':
      return { kind: 'xa-end', xid: readXid(reader), onePhase: false }
    case 'PREPARE':
      return { kind: 'xa-prepare', xid: readXid(reader), onePhase: false }
    case 'COMMIT':
      return { kind: 'xa-commit', xid: readXid(reader), onePhase: reader.accept('ONE', 'PHASE') }
    case 'ROLLBACK':
      return { kind: 'xa-rollback', xid: readXid(reader), onePhase: false }
    case 'RECOVER':
      return { kind: 'irrelevant' }
    case undefined:
      throw reader.fail()
  }
}

/** In the server's own spelling, `X'…',X'…',1` (xid_t::serialize in sql/xa.cc), however it is written. */
function readXid(reader: TokenReader): string {
  const global = readPart(reader)
  const branch = reader.acceptSymbol(',') ? readPart(reader) : "X''"
  const format = reader.acceptSymbol(',') ? readFormat(reader) : 1
  return `${global},${branch},${format}`
}

function readPart(reader: TokenReader): string {
  const token = reader.next()
  if (token.kind === 'string' || token.kind === 'double') return `X'${Buffer.from(unquote(token.text, reader.escapes)).toString('hex')}'`
  if (token.kind === 'bits' && /^[xX]'/.test(token.text)) return `X'${token.text.slice(2, -1).toLowerCase()}'`
  if (token.kind === 'bits' && token.text.startsWith('0x')) return `X'${token.text.slice(2).toLowerCase()}'`
  throw reader.fail(token)
}

function readFormat(reader: TokenReader): number {
  const minus = reader.acceptSymbol('-')
  const token = reader.next()
  if (token.kind === 'bits') return Number(token.text)
  if (token.kind !== 'number') throw reader.fail(token)
  return minus ? -Number(token.text) : Number(token.text)
}
