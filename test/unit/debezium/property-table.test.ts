import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PropertyRule } from '../../../src/debezium/property/rule.ts'
import { findRule, PROPERTY_GROUPS } from '../../../src/debezium/property/table.ts'
import { expectGenerated, table } from '../document.ts'

interface DebeziumProperty {
  readonly name: string
  readonly fallback: string
  readonly words: readonly string[]
  readonly required: boolean
}

const DEBEZIUM: readonly DebeziumProperty[] = readFileSync(path.join(import.meta.dirname, 'debezium-properties.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name = '', fallback = '', words = '', required = ''] = line.split('\t')
    return { name, fallback, words: words === '' ? [] : words.split('|'), required: required === 'required' }
  })

/** Debezium's regular names of families, and one name of each. */
const FAMILY_MEMBERS: Readonly<Record<string, string>> = {
  'column.mask.hash.([^.]+).with.salt.(.+)': 'column.mask.hash.SHA-256.with.salt.abc',
  'column.mask.with.(d+).chars': 'column.mask.with.3.chars',
  'column.truncate.to.(d+).chars': 'column.truncate.to.3.chars',
}

function ruleOf({ name }: DebeziumProperty): PropertyRule | undefined {
  return findRule(FAMILY_MEMBERS[name] ?? name)
}

describe('the table of properties', () => {
  test('has every property of Debezium’s PostgreSQL connector and engine', () => {
    expect(DEBEZIUM.length).toBe(150)
    expect(DEBEZIUM.filter((property) => ruleOf(property) === undefined)).toEqual([])
  })

  test('has Debezium’s defaults', () => {
    const differing = DEBEZIUM.filter((property) => {
      const rule = ruleOf(property)!
      return rule.family === undefined && property.fallback !== '' && (rule.fallback ?? '').toLowerCase() !== property.fallback.replace('$', '.').toLowerCase()
    }).map((property) => property.name)
    // A pattern of names to hide, Java classes of caches, and defaults of features that are not there.
    expect(differing).toEqual(['custom.sanitize.pattern', 'memory.management.schemas.class', 'memory.management.tables.class'])
  })

  test('requires what Debezium requires', () => {
    expect(DEBEZIUM.filter((property) => (ruleOf(property)!.required ?? false) !== property.required)).toEqual([])
  })

  test('takes exactly the words that Debezium takes', () => {
    for (const property of DEBEZIUM.filter((each) => each.words.length > 0)) {
      const { type } = ruleOf(property)!
      expect({ name: property.name, refused: property.words.filter((word) => type.check(word).length > 0) }).toEqual({ name: property.name, refused: [] })
      expect({ name: property.name, reasons: type.check('no-such-word').length }).toEqual({ name: property.name, reasons: 1 })
    }
  })

  test('has no name twice, and defaults that are valid and accepted', () => {
    const rules = PROPERTY_GROUPS.flatMap((group) => group.rules)
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length)
    for (const { name, fallback, type, accepts } of rules) {
      expect({ name, reasons: fallback === undefined ? [] : type.check(fallback) }).toEqual({ name, reasons: [] })
      // decoderbufs is not supported, and unset means pgoutput.
      if (fallback !== undefined && accepts !== undefined && name !== 'plugin.name') expect(accepts.map((word) => word.toLowerCase())).toContain(fallback.toLowerCase())
    }
  })

  test('is what docs/debezium.md shows', () => {
    expectGenerated('debezium.md', 'properties', PROPERTY_GROUPS.map((group) => `### ${group.title}\n\n${table(['property', 'default', 'values', '', 'note'], group.rules.map(row))}\n`).join(''))
  })
})

function row(rule: PropertyRule): string[] {
  return [`\`${rule.name}\``, rule.required ? 'required' : rule.fallback === undefined ? '' : `\`${rule.fallback}\``, rule.type.shape, status(rule), rule.note]
}

function status(rule: PropertyRule): string {
  const only = rule.accepts?.map((word) => `\`${word}\``).join(', ')
  if (rule.use === 'refused') return only === undefined ? '**not supported**' : `**not supported**, except ${only}`
  const what = rule.use === 'mapped' ? 'supported' : 'no effect'
  return only === undefined ? what : `${what}: only ${only}`
}
