import { TailraceError } from '../../../error/tailrace-error.ts'

/** `statement` is made of keywords alone: what stands in a statement may be secret. */
export function unreadable(statement: string, offset: number): TailraceError {
  return new TailraceError('TR_MYSQL_DDL', { message: `A statement (${statement}) cannot be read at character ${offset}`, where: { statement, offset } })
}
