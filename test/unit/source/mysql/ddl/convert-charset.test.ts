import { expect, it } from 'vitest'
import { createSchemaModel } from '../../../../../src/source/mysql/ddl/schema-model.ts'

it('CONVERT TO leaves columns of bytes as they are, an ENUM of bytes too', () => {
  const model = createSchemaModel({ flavor: 'mariadb', lowerCaseTableNames: 0, serverCharset: 'utf8mb4' })
  const apply = (sql: string): unknown => model.apply(sql, { database: 'd', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined })
  apply('create database d character set latin1')
  apply("create table t (a enum('x') character set binary, b enum('x'), c varchar(5))")
  apply('alter table t convert to character set utf8mb3')
  expect(model.get('d', 't')!.columns.map(({ charset }) => charset)).toEqual(['binary', 'utf8mb3', 'utf8mb3'])
})
