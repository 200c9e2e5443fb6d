// npm run chaos -- postgres|kafka|mysql|mariadb --kills 200 [--seed S] [--from mysql|mariadb [--avro] [--snapshot-kills 5]]: an engine is killed again and again, an oracle compares
// what it delivered with what the server committed. Exit code 1 on any difference.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
const { main } = await import('../test/chaos/main.ts')
// not by running out of work: Node 20 was seen to spin for ever while it closes what a killed server has left (CleanupHandles)
process.exit(await main(process.argv.slice(2)))
