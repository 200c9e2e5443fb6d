// The data that every peer reads, each workload in a file of the binary log of its own.

export const DATABASE = 'bench'
/** For what helps to write; nobody captures it. */
const TOOLS = 'bench_tools'

const COLUMNS = 'id bigint primary key, name varchar(200), email varchar(200), amount decimal(12,2), qty int, active tinyint, created timestamp(6) null, meta json'

/** One row's values as SQL over the integer `i`: the same as those of PostgreSQL's workloads. */
const VALUES = `i, concat('customer number ', i), concat('customer.', i, '@example.org'), (i * 7919 % 100000000) / 100, i % 1000, i % 3 = 0,
  timestamp '2026-01-01 00:00:00.000001' + interval (i * 1234567) microsecond, json_object('source', 'web', 'visits', i % 97, 'tags', json_array('a', 'b'))`

/** Rows of one statement of `bulk`. */
const CHUNK = 10_000

export async function prepareTools(server) {
  await server.script(`drop database if exists ${DATABASE}; create database ${DATABASE} character set utf8mb4; drop database if exists ${TOOLS}; create database ${TOOLS};
    create table ${TOOLS}.numbers (n int primary key); insert into ${TOOLS}.numbers values ${Array.from({ length: 1000 }, (_, n) => `(${n})`).join(',')}`)
}

/** Makes an empty table, and lets a file of the log begin behind it; returns that file's name. */
export async function prepareTable(server, table) {
  await server.script(`drop table if exists ${table}; create table ${table} (${COLUMNS}); flush binary logs`, DATABASE)
  return (await server.query('show binary logs')).at(-1).Log_name
}

/** Writes the rows, and ends the file. */
export async function writeRows(server, table, rows) {
  await (table === 'single' ? writeSingle : writeBulk)(server, table, rows)
  await server.script('flush binary logs')
}

/** One transaction of a few inserts of many rows. */
async function writeBulk(server, table, rows) {
  const inserts = []
  for (let done = 0; done < rows; done += CHUNK) {
    inserts.push(`insert into ${table} select ${VALUES} from (select ${done} + a.n * 1000 + b.n + 1 as i from ${TOOLS}.numbers a join ${TOOLS}.numbers b where a.n < ${CHUNK / 1000}) s where i <= ${rows}`)
  }
  await server.script(`begin; ${inserts.join(';\n')}; commit`, DATABASE)
}

/** One insert a transaction, without a round trip of a client for each. */
async function writeSingle(server, table, rows) {
  await server.query(`create procedure ${TOOLS}.write_single(last_one int) begin declare i bigint default 1; while i <= last_one do insert into ${DATABASE}.${table} select ${VALUES}; set i = i + 1; end while; end`)
  await server.query(`call ${TOOLS}.write_single(${rows})`)
  await server.query(`drop procedure ${TOOLS}.write_single`)
}
