// npm run chaos -- postgres|kafka|mysql|mariadb --kills 200 [--seed S] [--from mysql|mariadb [--avro] [--snapshot-kills 5]]: an engine is killed again and again, an oracle compares
// what it delivered with what the server committed. Exit code 1 on any difference.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
const { main } = await import('../test/chaos/main.ts')
process.exitCode = await main(process.argv.slice(2))
