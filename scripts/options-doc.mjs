// Writes docs/options.md from the doc comments of the options' interfaces; with --print, to standard output.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGE = path.join(root, 'docs', 'options.md')

/** Title, file, interface, and what stands between title and table. */
const SECTIONS = [
  ['createEngine', 'src/engine/options.ts', 'EngineOptions', "`createEngine(options)`, from `tailrace`."],
  ['postgres', 'src/source/postgres/options.ts', 'PostgresOptions', '`postgres(options)`, from `tailrace/postgres`. What they do on the server: [postgresql.md](postgresql.md).'],
  ['postgres: connection', 'src/source/postgres/options.ts', 'PostgresConnection', 'The parts of `connection`. In a URL, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `application_name` and `connect_timeout` (seconds) stand in the query.'],
  ['mysql and mariadb', 'src/source/mysql/options.ts', 'MysqlOptions', '`mysql(options)`, from `tailrace/mysql`; `mariadb(options)`, from `tailrace/mariadb`. What they do on the server: [mysql.md](mysql.md).'],
  ['mysql and mariadb: connection', 'src/source/mysql/options.ts', 'MysqlConnection', 'The parts of `connection`. In a URL, `ssl-mode`, `ssl-ca`, `ssl-cert`, `ssl-key` and `connect-timeout` (seconds) stand in the query.'],
  ['mysql and mariadb: columns', 'src/source/mysql/conversion-options.ts', 'MysqlColumnOptions', 'A member of `columns` beside those of every source, in the next table but one. What a conversion says: [mysql.md](mysql.md#columns-in-another-form).'],
  ['mysql and mariadb: columns.convert to date', 'src/source/mysql/conversion-options.ts', 'ZeroDateConversion', 'A value in the place of dates that are none, and of NULL.'],
  ['columns of every source', 'src/source/column-options.ts', 'ColumnOptions', 'The members of `columns`. Patterns name columns: `schema.table.column`, of MySQL and MariaDB `database.table.column`, `*` standing for any characters, or a regular expression for the whole of it. Keys keep their values; what they are made of, `key` says.'],
  ['debeziumJson', 'src/format/json/debezium-json.ts', 'DebeziumJsonOptions', '`debeziumJson(options)`, from `tailrace`: the format of sinks that take records. Names in the table are those of [Debezium’s properties](debezium.md).'],
  ['debeziumJson: modes', 'src/event/handling-mode.ts', 'HandlingModes', 'The members of `modes`. They concern records; the values that code sees are in [values.md](values.md).'],
  ['kafkaSink', 'src/sink/kafka/options.ts', 'KafkaSinkOptions', '`kafkaSink(options)`, from `tailrace/kafka`, and what is in the next table but two.'],
  ['kafkaOffsets', 'src/offset/kafka/options.ts', 'KafkaOffsetsOptions', '`kafkaOffsets(options)`, from `tailrace/kafka`, and what is in the next table but one.'],
  ['kafkaSchemaHistory', 'src/schema-history/kafka/options.ts', 'KafkaSchemaHistoryOptions', '`kafkaSchemaHistory(options)`, from `tailrace/kafka`, and what is in the next table.'],
  ['kafkaSink, kafkaOffsets and kafkaSchemaHistory: connection', 'src/kafka/options.ts', 'KafkaConnection', 'What all three have.'],
  ['kafkaSink: topicCreation', 'src/sink/kafka/options.ts', 'TopicRule', 'Each rule of `topicCreation`.'],
  ['debeziumAvro', 'src/format/avro/options.ts', 'DebeziumAvroOptions', '`debeziumAvro(options)`, from `tailrace/avro`: Avro with a schema registry. [avro.md](avro.md) says how.'],
  ['debeziumAvro: registry', 'src/format/avro/options.ts', 'RegistryOptions', 'The members of `registry`.'],
  ['debeziumAvro: registry.tls', 'src/format/avro/options.ts', 'RegistryTls', 'The members of `registry.tls`, for `https:` addresses.'],
  ['eachEvent', 'src/sink/callback/callback.ts', 'EachEventOptions', '`eachEvent(handler, options)`, from `tailrace`: a sink from a function over one event.'],
  ['kinesisSink', 'src/sink/kinesis/options.ts', 'KinesisSinkOptions', '`kinesisSink(options)`, from `tailrace/kinesis`. What it does with them: [kinesis.md](kinesis.md).'],
  ['debeziumFileOffsets', 'src/offset/debezium/debezium-file-offsets.ts', 'DebeziumFileOptions', '`debeziumFileOffsets(path, options)`, from `tailrace/debezium`: keeps the offset in [Debezium’s own file](debezium.md#taking-over-from-debezium-and-going-back).'],
  ['fromDebezium', 'src/debezium/from-debezium.ts', 'FromDebeziumOptions', '`fromDebezium(properties, options)`, from `tailrace/debezium`. The properties are in [debezium.md](debezium.md).'],
]

/** Functions whose arguments are not options by name. */
const FUNCTIONS = [
  ['src/offset/file/file-offsets.ts', 'fileOffsets'],
  ['src/offset/memory/memory-offsets.ts', 'memoryOffsets'],
  ['src/schema-history/file/file-history.ts', 'fileSchemaHistory'],
  ['src/schema-history/memory/memory-history.ts', 'memorySchemaHistory'],
  ['src/sink/stdout/stdout.ts', 'streamSink'],
]

/** Types that are a choice of words: their words are shown in their place. */
const CHOICES = [
  ['src/source/postgres/options.ts', 'SslMode'],
  ['src/source/postgres/options.ts', 'SnapshotMode'],
  ['src/source/mysql/options.ts', 'LockingMode'],
  ['src/source/postgres/options.ts', 'PublicationMode'],
  ['src/format/name-adjustment.ts', 'NameAdjustment'],
  ['src/kafka/compression.ts', 'Compression'],
  ['src/kafka/options.ts', 'KafkaClientName'],
]

/** Options that are shown as one, with their own type's name. */
const EXPANDED = new Map([['RetryOptions', 'src/engine/retry.ts']])

function parse(file) {
  return ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

function find(file, name) {
  const source = parse(file)
  const found = source.statements.find((statement) => statement.name?.text === name)
  if (found === undefined) throw new Error(`${file} has no ${name}`)
  return found
}

function comment(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node)
  const text = doc === undefined ? '' : ts.getTextOfJSDocComment(doc.comment) ?? ''
  return text.replaceAll(/\{@link (\w+)\}/g, '`$1`').replaceAll(/\s*\n\s*/g, ' ').trim()
}

const choices = new Map(CHOICES.map(([file, name]) => [name, find(file, name).type.getText()]))

/** A type of the same file comes first: two sources have a `SnapshotMode` each. */
function typeText(type) {
  const text = type.getText().replaceAll('readonly ', '').replaceAll(/\s+/g, ' ')
  if (!choices.has(text)) return text
  const own = type.getSourceFile().statements.find((statement) => statement.name?.text === text)
  return own?.type?.getText() ?? choices.get(text)
}

/** One row for every option; nested ones with dots. */
function rows(members, prefix) {
  return members.flatMap((member) => {
    const name = prefix + member.name.getText()
    const type = member.type
    if (ts.isTypeLiteralNode(type) && (comment(member) === '' || type.members.some((inner) => comment(inner) !== ''))) return rows(type.members, `${name}.`)
    const own = [name + (member.questionToken === undefined ? '' : '?'), typeText(type), comment(member)]
    const expanded = EXPANDED.get(type.getText())
    return expanded === undefined ? [own] : rows(find(expanded, type.getText()).members, `${name}.`)
  })
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}

function section([title, file, name, lead]) {
  const lines = rows(find(file, name).members, '')
    // what only tests and simulations own
    .filter(([option]) => option !== 'runtime?')
    .map(([option, type, text]) => {
      if (text === '') throw new Error(`${file}: ${name} has no doc comment on ${option}`)
      return `| \`${option}\` | \`${cell(type)}\` | ${cell(text)} |\n`
    })
  return `## ${title}\n\n${lead}\n\n| option | type | meaning |\n| --- | --- | --- |\n${lines.join('')}`
}

function signature([file, name]) {
  const found = find(file, name)
  const parameters = found.parameters.filter((parameter) => parameter.initializer === undefined).map((parameter) => parameter.getText())
  return `### ${name}(${parameters.join(', ')})\n\n${comment(found)}\n`
}

const page = `# Options

<!-- Written by scripts/options-doc.mjs from the doc comments; change those. -->

Every option, with its type, default and unit. A \`?\` marks what may be left out. A source's options that are not valid are
one error of code \`TR_CONFIG_INVALID\` that names all of them. Debezium's own properties: [debezium.md](debezium.md).

${SECTIONS.map(section).join('\n')}
## Offset stores, schema histories and sinks

All from \`tailrace\`.

${FUNCTIONS.map(signature).join('\n')}`

if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(PAGE, page)
