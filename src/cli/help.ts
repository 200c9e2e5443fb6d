import type { CommandName } from './command-line.ts'

const OVERVIEW = `tailrace: every committed row change of a PostgreSQL database, in order, none lost

  tailrace tail <url>         watch a database live, nothing to configure
  tailrace run <file>         run a configuration written for Debezium, records on standard output
  tailrace check <file>       find everything that would keep it from running

  tailrace help <command>     more about one of them
  tailrace --version
`

const CONFIGURATION_OPTIONS = `  --set name=value            a property in the place of the file's; may be repeated
  --lenient                   unknown and unsupported properties are warnings
`

const PAGES: Readonly<Record<CommandName, string>> = {
  run: `tailrace run <file>

Runs a configuration written for Debezium's PostgreSQL connector (the engine's properties or Debezium Server's) and writes
one line of JSON a record to standard output: {"destination", "partition", "key", "value", "headers"}.

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
  tail: `tailrace tail <url>

Shows the rows of a database and then every change as it is committed. <url> is postgres://user:password@host:5432/database;
with - it is read from the environment variable DATABASE_URL. The slot and the publication it needs are dropped at the end.

  --table <pattern>           only these tables: schema.table, with * for any characters; may be repeated
  --from-now                  changes only, not the rows that are there already
`,
}

/** The help text of one command, or of all. */
export function helpText(about: CommandName | undefined): string {
  return about === undefined ? OVERVIEW : PAGES[about]
}
