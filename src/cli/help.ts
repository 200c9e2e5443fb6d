import type { CommandName } from './command-line.ts'

const OVERVIEW = `tailrace: every committed row change of a PostgreSQL, MySQL or MariaDB database, in order, none lost

  tailrace tail <url>         watch a database live, nothing to configure
  tailrace run <file>         run a configuration written for Debezium, records on standard output
  tailrace check <file>       find everything that would keep it from running
  tailrace offsets …          show the stored offset, take one over from Debezium, hand it back

  tailrace help <command>     more about one of them
  tailrace --version
`

const CONFIGURATION_OPTIONS = `  --set name=value            a property in the place of the file's; may be repeated
  --lenient                   unknown and unsupported properties are warnings
`

const PAGES: Readonly<Record<CommandName, string>> = {
  run: `tailrace run <file>

Runs a configuration written for Debezium's connector of PostgreSQL, MySQL or MariaDB (the engine's properties or Debezium
Server's) and writes one line of JSON a record to standard output: {"destination", "partition", "key", "value", "headers"}.

  --stop-after <count>        stop after exactly so many records
  --stop-when-idle <time>     stop when nothing was delivered for so long (500ms, 5s, 2m)
  --status text|json|none     on standard error: warnings and errors for people (text), the whole life cycle, one JSON
                              object a line (json), or nothing. Default text
${CONFIGURATION_OPTIONS}
SIGTERM and SIGINT end it cleanly; a second one ends it at once.
Exit codes: 0 clean, 1 unexpected, 2 usage or configuration, 3 definite error, 4 fatal error, 5 transient error (docs/errors.md).
`,
  check: `tailrace check <file>

Looks at the configuration and at the server, changes nothing, and prints everything that would keep the configuration
from running, each with its fix. Exit code 0 when there is no error.

${CONFIGURATION_OPTIONS}`,
  offsets: `tailrace offsets show <file>
tailrace offsets import <file> --from <path>
tailrace offsets export <file> --to <path>

The offset of a configuration, in the store that the configuration names. show may be used while an engine runs; it changes nothing.
import stores an offset that lies elsewhere: in an offset file of Debezium's (FileOffsetBackingStore) or of tailrace's, or, where
<path> is a .properties file, in that configuration's own store, Kafka's offsets topic included. export writes an offset file that
Debezium goes on from. Engines and connectors have to be stopped; import and export refuse a file that one holds.

  --json                      show: one JSON object
  --from <path>               import: an offset file, or a configuration
  --name <name>               import: the name that the offset file has it under, if it is another one
  --server <prefix>           import: the topic.prefix that the offset file has it under, if it is another one
  --to <path>                 export: the offset file; entries of others in it stay
  --force                     import, export: replace an offset that is there
${CONFIGURATION_OPTIONS}
Exit codes: as of tailrace run. Without --force, an offset that is there is TR_OFFSET_EXISTS (3).
`,
  tail: `tailrace tail <url>

Shows the rows of a database and then every change as it is committed. <url> is one of

  postgres://user:password@host:5432/database
  mysql://user:password@host:3306/database, mariadb://…; without a database, all of the server's

with - it is read from the environment variable DATABASE_URL. Nothing is left on the server: PostgreSQL's slot and publication are
dropped at the end, MySQL and MariaDB need none.

  --table <pattern>           only these tables: schema.table (MySQL, MariaDB: database.table), with * for any characters; may be
                              repeated
  --from-now                  changes only, not the rows that are there already
`,
}

/** The help text of one command, or of all. */
export function helpText(about: CommandName | undefined): string {
  return about === undefined ? OVERVIEW : PAGES[about]
}
