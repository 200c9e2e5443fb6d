import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { CONNECTOR_TITLES, type Connector } from '../../../src/debezium/property/connector.ts'
import type { PropertyRule } from '../../../src/debezium/property/rule.ts'
import { PROPERTY_GROUPS, PROPERTY_TABLES } from '../../../src/debezium/property/table.ts'
import { expectGenerated, table } from '../document.ts'

interface DebeziumProperty {
  readonly name: string
  readonly fallback: string
  readonly words: readonly string[]
  readonly required: boolean
}

function propertiesOf(file: string): DebeziumProperty[] {
  return readFileSync(path.join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', fallback = '', words = '', required = ''] = line.split('\t')
      return { name, fallback, words: words === '' ? [] : words.split('|'), required: required === 'required' }
    })
}

const DEBEZIUM: Readonly<Record<Connector, readonly DebeziumProperty[]>> = {
  postgresql: propertiesOf('debezium-properties.tsv'), mysql: propertiesOf('debezium-mysql-properties.tsv'), mariadb: propertiesOf('debezium-mariadb-properties.tsv'),
}
const CONNECTORS = Object.keys(DEBEZIUM) as Connector[]

/** Debezium's regular names of families, and one name of each. */
const FAMILY_MEMBERS: Readonly<Record<string, string>> = {
  'column.mask.hash.([^.]+).with.salt.(.+)': 'column.mask.hash.SHA-256.with.salt.abc',
  'column.mask.with.(d+).chars': 'column.mask.with.3.chars',
  'column.truncate.to.(d+).chars': 'column.truncate.to.3.chars',
}

function ruleOf(connector: Connector, { name }: DebeziumProperty): PropertyRule | undefined {
  return PROPERTY_TABLES[connector].find(FAMILY_MEMBERS[name] ?? name)
}

describe.each(CONNECTORS)('the table of properties, for %s', (connector) => {
  const properties = DEBEZIUM[connector]

  test('has every property of Debezium’s connector and engine', () => {
    expect(properties.length).toBe({ postgresql: 150, mysql: 165, mariadb: 156 }[connector])
    expect(properties.filter((property) => ruleOf(connector, property) === undefined)).toEqual([])
  })

  test('has Debezium’s defaults', () => {
    const differing = properties.filter((property) => {
      const rule = ruleOf(connector, property)!
      return rule.family === undefined && property.fallback !== '' && (rule.fallback ?? '').toLowerCase() !== property.fallback.replace('$', '.').toLowerCase()
    }).map((property) => property.name)
    // A pattern of names to hide, Java classes of caches, and defaults of features that are not there.
    const expected = ['custom.sanitize.pattern', 'internal.schema.history.internal.ddl.filter', 'memory.management.schemas.class', 'memory.management.tables.class']
    expect(differing).toEqual(expected.filter((name) => properties.some((property) => property.name === name && property.fallback !== '')))
  })

  test('requires what Debezium requires', () => {
    // the field is there, and the connectors for MySQL and MariaDB do not look at it
    const looked = properties.filter(({ name }) => connector === 'postgresql' || name !== 'database.dbname')
    expect(looked.filter((property) => (ruleOf(connector, property)!.required ?? false) !== property.required)).toEqual([])
  })

  test('takes exactly the words that Debezium takes', () => {
    for (const property of properties.filter((each) => each.words.length > 0)) {
      const { type } = ruleOf(connector, property)!
      // gone since, where the list is of an older version
      const words = property.words.filter((word) => property.name !== 'snapshot.mode' || word !== 'never')
      expect({ name: property.name, refused: words.filter((word) => type.check(word).length > 0) }).toEqual({ name: property.name, refused: [] })
      expect({ name: property.name, reasons: type.check('no-such-word').length }).toEqual({ name: property.name, reasons: 1 })
    }
  })

  test('has no name twice, and defaults that are valid and accepted', () => {
    const rules = PROPERTY_GROUPS.flatMap((group) => group.rules).filter((rule) => rule.connectors?.includes(connector) ?? true)
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length)
    for (const { name, fallback, type, accepts } of rules) {
      expect({ name, reasons: fallback === undefined ? [] : type.check(fallback) }).toEqual({ name, reasons: [] })
      // decoderbufs is not supported, and unset means pgoutput.
      if (fallback !== undefined && accepts !== undefined && name !== 'plugin.name') expect(accepts.map((word) => word.toLowerCase())).toContain(fallback.toLowerCase())
    }
  })
})

test('the table of properties is what docs/debezium.md shows', () => {
  expectGenerated('debezium.md', 'properties', PROPERTY_GROUPS.map((group) => `### ${group.title}\n\n${table(['property', 'connector', 'default', 'values', '', 'note'], group.rules.map(row))}\n`).join(''))
})

function row(rule: PropertyRule): string[] {
  const connectors = rule.connectors?.map((connector) => CONNECTOR_TITLES[connector]).join(', ') ?? ''
  return [`\`${rule.name}\``, connectors, rule.required ? 'required' : rule.fallback === undefined ? '' : `\`${rule.fallback}\``, rule.type.shape, status(rule), rule.note]
}

function status(rule: PropertyRule): string {
  const only = rule.accepts?.map((word) => `\`${word}\``).join(', ')
  if (rule.use === 'refused') return only === undefined ? '**not supported**' : `**not supported**, except ${only}`
  const what = rule.use === 'mapped' ? 'supported' : 'no effect'
  return only === undefined ? what : `${what}: only ${only}`
}
