/** Columns and tables as the schema history has them: Debezium's relational model. */
export type { ColumnDefinition as MysqlColumn, TableDefinition as MysqlTableShape } from '../../schema-history/table-definition.ts'
