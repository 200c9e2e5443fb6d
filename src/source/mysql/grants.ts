import type { Query } from './control.ts'

/** What an account may do, with what its active roles may. */
export interface Grants {
  /** `'user'@'host'`, as statements have it. */
  readonly account: string
  /** One of them, everywhere. */
  has(...privileges: readonly string[]): boolean
  /** It, on this whole table: by a grant on the table, its database, or everywhere. Without a table: on the whole database. */
  on(privilege: string, database: string, table?: string): boolean
}

interface Grant {
  readonly privileges: ReadonlySet<string>
  /** Whether it is on everything, on databases, or on one table. */
  readonly everywhere: boolean
  readonly database: RegExp
  readonly table: string | undefined
}

/** Reads `SHOW GRANTS`. */
export async function readGrants(query: Query): Promise<Grants> {
  const [user] = await query('SELECT CURRENT_USER() AS u')
  const grants = (await query('SHOW GRANTS')).flatMap((row) => parseGrant(String(Object.values(row)[0])))
  const holds = ({ privileges }: Grant, privilege: string): boolean => privileges.has(privilege) || privileges.has('ALL PRIVILEGES')
  return {
    account: quoteAccount(String(user?.['u'])),
    has: (...privileges) => privileges.some((privilege) => grants.some((grant) => grant.everywhere && holds(grant, privilege))),
    on: (privilege, database, table) => grants.some((grant) => holds(grant, privilege) && (grant.everywhere || (grant.database.test(database) && (grant.table === undefined || grant.table === table)))),
  }
}

/** `GRANT SELECT, INSERT (a, b) ON`, quoted names, ` TO `. A privilege on columns is not one on the table. Nothing for a role and a proxy. */
function parseGrant(line: string): Grant[] {
  const [, list, objects] = /^GRANT (.+?) ON ((?:\*|`(?:[^`]|``)*`)(?:\.(?:\*|`(?:[^`]|``)*`))) TO /s.exec(line) ?? []
  if (list === undefined || objects === undefined) return []
  const [database = '', table = ''] = objects.match(/\*|`(?:[^`]|``)*`/g) ?? []
  const privileges = list.replace(/[A-Z ]+\((?:[^`)]|`(?:[^`]|``)*`)*\)/g, '').split(',').map((name) => name.trim().toUpperCase())
  return [{ privileges: new Set(privileges), everywhere: database === '*', ...(table === '*' ? { database: databasePattern(database), table: undefined } : { database: new RegExp(`^${escaped(unquote(database))}$`), table: unquote(table) }) }]
}

/** In a grant on a database, `%` and `_` stand for others, unless there is a backslash before them. */
function databasePattern(quoted: string): RegExp {
  const pattern = unquote(quoted).replace(/\\?[^]/g, (part) => (part === '%' ? '.*' : part === '_' ? '.' : escaped(part.slice(-1))))
  return new RegExp(`^${pattern}$`, 's')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function unquote(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name
}

function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@')
  return [account.slice(0, at), account.slice(at + 1)].map((part) => `'${part.replaceAll("'", "''")}'`).join('@')
}
