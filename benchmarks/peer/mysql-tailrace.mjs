// tailrace on MySQL and MariaDB, as its users run it: the command, and the library in a process of its own.
import { fileURLToPath } from 'node:url'
import { writeMysqlProperties } from './mysql-properties.mjs'
import { library, program } from './tailrace.mjs'

const child = fileURLToPath(new URL('mysql-tailrace-child.mjs', import.meta.url))
const both = (peer) => ({ ...peer, flavors: ['mysql', 'mariadb'] })
/** The job without what cannot be said to another process. */
const plain = (peer) => both({ ...peer, read: ({ server: _, ...job }) => peer.read(job) })

/** The log as lines of JSON through the public command. */
export const mysqlCommand = both(program('tailrace run', ['bulk', 'single'], {}, writeMysqlProperties))
/** A whole table as lines of JSON through the public command. */
export const mysqlSnapshot = both(program('tailrace run, snapshot', ['snapshot'], { 'snapshot.mode': 'initial' }, writeMysqlProperties))
/** The library with a sink that takes the records' bytes and drops them, in a young generation of 4 MiB (docs/architecture.md). */
export const mysqlSink = plain(library('tailrace, own sink', 'sink', ['--max-semi-space-size=4'], child))
/** A whole table through the library, with that sink and that young generation. */
export const mysqlSinkSnapshot = plain(library('tailrace, own sink, snapshot', 'sink', ['--max-semi-space-size=4'], child, ['snapshot']))
/** The library with a callback that reads every field of every event. */
export const mysqlCallback = plain(library('tailrace, callback', 'callback', [], child))
/** The library with a callback that looks at nothing: about as fast as the server can send. */
export const mysqlNothing = plain(library('tailrace, looks at nothing', 'nothing', [], child))
