// zongji and its maintained fork: the usual Node readers of the binary log. Every row becomes an object.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runReporter } from '../process.mjs'

const child = fileURLToPath(new URL('zongji-child.mjs', import.meta.url))

const reader = (name, flavors) => ({
  name,
  flavors,
  workloads: ['bulk', 'single'],
  missing: async () => undefined,
  version: async () => JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version,
  read: ({ host, port, database, table, rows, file, serverId }) => runReporter({ command: process.execPath, args: [child, JSON.stringify({ library: name, host, port, database, table, rows, file, serverId })] }),
})

export const vlasky = reader('@vlasky/zongji', ['mysql', 'mariadb'])
/** Its client knows no way to log in to MySQL 9. */
export const zongji = reader('zongji', ['mariadb'])
