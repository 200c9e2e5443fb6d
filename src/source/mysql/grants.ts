import type { Query } from './control.ts'

/** What an account may do, with what its active roles may. */
export interface Grants {
  /** `'user'@'host'`. */
  readonly account: string
  /** One of them, everywhere. */
  has(...privileges: readonly string[]): boolean
  /** It, on anything at all. */
  anywhere(privilege: string): boolean
}

/** Reads `SHOW GRANTS`. */
export async function readGrants(query: Query): Promise<Grants> {
  const [user] = await query('SELECT CURRENT_USER() AS u')
  const lines = (await query('SHOW GRANTS')).map((row) => String(Object.values(row)[0]))
  const everywhere = new Set<string>()
  const somewhere = new Set<string>()
  for (const line of lines) {
    const match = /^GRANT (.+?) ON (\S+) TO /.exec(line)
    if (match === null) continue
    for (const privilege of match[1]!.replace(/\([^)]*\)/g, '').split(',')) {
      const name = privilege.trim().toUpperCase()
      somewhere.add(name)
      if (match[2] === '*.*') everywhere.add(name)
    }
  }
  const all = everywhere.has('ALL PRIVILEGES')
  return {
    account: String(user?.['u']).replace(/^(.*)@([^@]*)$/, "'$1'@'$2'"),
    has: (...privileges) => all || privileges.some((privilege) => everywhere.has(privilege)),
    anywhere: (privilege) => all || somewhere.has('ALL PRIVILEGES') || somewhere.has(privilege),
  }
}
