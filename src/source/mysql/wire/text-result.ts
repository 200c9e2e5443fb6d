import { TailraceError } from '../../../error/tailrace-error.ts'
import { readErrorPacket, type ErrorPacket } from './server-error.ts'

/*
  Text result => OK | ERR | column count (length-encoded), so many column definitions, EOF, rows, EOF | ERR
    With CLIENT_DEPRECATE_EOF the first EOF is missing, and the last is an OK packet that begins with 0xfe.
  Column definition => length-encoded texts: catalog, database, table, original table, name, original name, [MariaDB, when asked: more of them]; 0x0c, uint16
    character set, uint32 width, byte type, uint16 flags, byte decimals, 2 bytes nothing
  EOF => 0xfe, uint16 warnings, uint16 status
  OK  => 0x00 or 0xfe, length-encoded rows, length-encoded id, uint16 status, uint16 warnings, …
  https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
*/
const COM_QUERY = 0x03
const OK = 0x00
const LOCAL_INFILE = 0xfb
const EOF = 0xfe
const ERR = 0xff
const EOF_BYTES = 5
/** Where 0xfe begins a row, a text of more than 16 MiB follows: the row is longer than that, and the end of rows never is. */
const MAX_END_BYTES = 0xffffff
const MORE_RESULTS = 0x0008
/** From the end of a definition back to its character set. */
const DEFINITION_TAIL = 12
const BINARY_CHARSET = 63
/** enum_field_types (include/field_types.h) of text and bytes: VARCHAR, BIT, the four BLOBs, VAR_STRING, STRING, GEOMETRY. */
const TEXT_OR_BYTES = new Set([15, 16, 249, 250, 251, 252, 253, 254, 255])

/** One column of a result. */
export interface ResultColumn {
  readonly name: string
  /** Bytes that are no text. */
  readonly binary: boolean
}

/** The payload of a statement. */
export function queryCommand(sql: string): Buffer {
  const payload = Buffer.allocUnsafe(1 + Buffer.byteLength(sql, 'utf8'))
  payload[0] = COM_QUERY
  payload.write(sql, 1, 'utf8')
  return payload
}

/** Reads what a server answers to a statement, packet by packet; a row is handed on as it lies. */
export class TextResult {
  readonly #row: (bytes: Buffer, start: number, end: number) => boolean
  #columns: ResultColumn[] = []
  #missing = 0
  #state: 'head' | 'columns' | 'behind columns' | 'rows' | 'done' = 'head'
  #error: ErrorPacket | undefined
  #warnings = 0

  constructor(row: (bytes: Buffer, start: number, end: number) => boolean) {
    this.#row = row
  }

  get columns(): readonly ResultColumn[] {
    return this.#columns
  }

  get done(): boolean {
    return this.#state === 'done'
  }

  get error(): ErrorPacket | undefined {
    return this.#error
  }

  /** What the server would show with SHOW WARNINGS. */
  get warnings(): number {
    return this.#warnings
  }

  take(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start]
    if (first === undefined || end === start) throw unexpected('an empty packet')
    if (first === ERR) {
      this.#error = readErrorPacket(bytes, start, end)
      this.#state = 'done'
      return true
    }
    switch (this.#state) {
      case 'head':
        this.#head(bytes, start, end, first)
        return true
      case 'columns':
        this.#columns.push(readColumn(bytes, start, end))
        if (--this.#missing === 0) this.#state = 'behind columns'
        return true
      case 'behind columns':
        this.#state = 'rows'
        // exactly that long with the older protocol only
        if (first === EOF && end - start === EOF_BYTES) return true
        return this.#rowOrEnd(bytes, start, end, first)
      case 'rows':
        return this.#rowOrEnd(bytes, start, end, first)
      case 'done':
        throw unexpected('a packet behind the end of a result')
    }
  }

  #head(bytes: Buffer, start: number, end: number, first: number): void {
    if (first === OK) return this.#end(bytes, start, end)
    // it was not allowed at the login: nobody reads files for a server
    if (first === LOCAL_INFILE) throw unexpected('a request for a file')
    const [count, at] = readLength(bytes, start, end)
    if (count === 0 || at !== end) throw unexpected(`a result of ${count} columns`)
    this.#columns = []
    this.#missing = count
    this.#state = 'columns'
  }

  #rowOrEnd(bytes: Buffer, start: number, end: number, first: number): boolean {
    if (first !== EOF || end - start >= MAX_END_BYTES) return this.#row(bytes, start, end)
    this.#end(bytes, start, end)
    return true
  }

  #end(bytes: Buffer, start: number, end: number): void {
    if (end - start < EOF_BYTES) throw unexpected('the end of a result is too short')
    let status: number
    if (end - start === EOF_BYTES) {
      this.#warnings = bytes.readUInt16LE(start + 1)
      status = bytes.readUInt16LE(start + 3)
    } else {
      const [, behindRows] = readLength(bytes, start + 1, end)
      const [, at] = readLength(bytes, behindRows, end)
      if (at + 4 > end) throw unexpected('the end of a result is too short')
      status = bytes.readUInt16LE(at)
      this.#warnings = bytes.readUInt16LE(at + 2)
    }
    this.#state = (status & MORE_RESULTS) === 0 ? 'done' : 'head'
  }
}

function readColumn(bytes: Buffer, start: number, end: number): ResultColumn {
  let at = start
  let name = ''
  for (let index = 0; index < 5; index++) {
    const [length, text] = readLength(bytes, at, end)
    at = text + length
    if (at > end) throw unexpected('a column without a name')
    if (index === 4) name = bytes.toString('utf8', text, at)
  }
  const tail = end - DEFINITION_TAIL
  if (tail < at || bytes[tail - 1] !== DEFINITION_TAIL) throw unexpected('a column without a type')
  return { name, binary: bytes.readUInt16LE(tail) === BINARY_CHARSET && TEXT_OR_BYTES.has(bytes[tail + 6]!) }
}

/** A length-encoded number and where it ends; 0xfb (NULL) reads as -1. */
export function readLength(bytes: Buffer, at: number, end: number): [length: number, behind: number] {
  const first = bytes[at]
  if (first === undefined || at >= end) throw unexpected('a length is missing')
  if (first < 0xfb) return [first, at + 1]
  if (first === 0xfb) return [-1, at + 1]
  const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0
  if (size === 0 || at + 1 + size > end) throw unexpected('a length is cut off')
  return [size === 8 ? Number(bytes.readBigUInt64LE(at + 1)) : bytes.readUIntLE(at + 1, size), at + 1 + size]
}

function unexpected(what: string): TailraceError {
  return new TailraceError('TR_MYSQL_PROTOCOL', { message: `The server answers a statement with something else: ${what}` })
}
