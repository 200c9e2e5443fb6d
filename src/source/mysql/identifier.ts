/** `` `a``b` ``: an identifier, quoted always. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** `` `database`.`table` `` */
export function quoteTable(database: string, name: string): string {
  return `${quoteIdentifier(database)}.${quoteIdentifier(name)}`
}
