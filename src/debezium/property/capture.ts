import { COLUMN_FAMILIES } from '../column-options.ts'
import { idle, mapped, only, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, KEY_COLUMNS, OPERATION_LIST, REGEX_LIST } from './value-type.ts'

/** Which tables, columns and operations are captured. */
export const CAPTURE: readonly PropertyRule[] = [
  ...only(['postgresql'], [
    mapped('schema.include.list', REGEX_LIST, 'Matches whole schema names; Java’s syntax, as far as JavaScript can express it'),
    mapped('schema.exclude.list', REGEX_LIST, 'Not together with `schema.include.list`'),
  ]),
  ...only(['mysql', 'mariadb'], [
    mapped('database.include.list', REGEX_LIST, 'Matches whole names of databases'),
    mapped('database.exclude.list', REGEX_LIST, 'Not together with `database.include.list`'),
    refused('schema.include.list', 'A schema is a database here: use `database.include.list`', { type: REGEX_LIST }),
    refused('schema.exclude.list', 'A schema is a database here: use `database.exclude.list`', { type: REGEX_LIST }),
  ]),
  mapped('table.include.list', REGEX_LIST, 'Matches whole `schema.table` (`database.table`) names; ASCII letters in either case'),
  mapped('table.exclude.list', REGEX_LIST, 'Not together with `table.include.list`'),
  mapped('table.ignore.builtin', BOOLEAN, 'System tables (PostgreSQL: and `spatial_ref_sys`) are left out', { fallback: 'true', accepts: ['true'] }),
  refused('column.include.list', 'Column filters', { type: REGEX_LIST }),
  refused('column.exclude.list', 'Column filters', { type: REGEX_LIST }),
  mapped('column.truncate.to.<n>.chars', REGEX_LIST, 'Matches whole `schema.table.column` names; counts UTF-16 code units, as Java does', { family: COLUMN_FAMILIES.truncate }),
  mapped('column.mask.with.<n>.chars', REGEX_LIST, 'Of character types, NULL included; [what it goes before](differences.md#in-the-behaviour)', { family: COLUMN_FAMILIES.mask }),
  mapped('column.mask.hash.<algorithm>.with.salt.<salt>', REGEX_LIST, 'And with `hash.v2.<algorithm>`. MD5, SHA-1, SHA-2 and SHA-3, by Java’s names', { family: COLUMN_FAMILIES.hash }),
  mapped('column.propagate.source.type', REGEX_LIST, 'Matches whole `schema.table.column` names'),
  mapped('datatype.propagate.source.type', REGEX_LIST, 'Matches whole `schema.table.type` names'),
  mapped('message.key.columns', KEY_COLUMNS, 'Matches whole `schema.table.column` names, the table’s expression, a dot and the column; see `columns.key` in [options.md](options.md#columns-of-every-source)'),
  refused('skip.messages.without.change', 'Updates are delivered even where no column changed', { type: BOOLEAN, fallback: 'false', accepts: ['false'] }),
  mapped('skipped.operations', OPERATION_LIST, '', { fallback: 't' }),
  ...only(['postgresql'], [
    refused('message.prefix.include.list', 'All logical messages are delivered', { type: REGEX_LIST }),
    refused('message.prefix.exclude.list', 'All logical messages are delivered', { type: REGEX_LIST }),
  ]),
  refused('guardrail.collections.max', 'No limit on the number of tables', { type: integer(0), fallback: '0', accepts: ['0'] }),
  idle('guardrail.collections.limit.action', choice('warn', 'fail'), 'See `guardrail.collections.max`', { fallback: 'warn' }),
]
