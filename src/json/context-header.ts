import type { TableVersion } from '../event/table.ts'
import { TEXT_SCHEMA } from '../format/envelope-schema.ts'
import type { Header, HeaderSet } from '../format/format.ts'
import { jsonText, schemaClosing, schemaOpening } from './json-layout.ts'

/** For records without headers; shared, because sinks keep what they rendered by identity. */
export const NO_HEADERS: HeaderSet = []

export interface ContextHeaderSettings {
  /** False: there are none. */
  readonly contextHeaders: boolean
  readonly names: { readonly logicalName: string }
  /** Whether a header's value carries its schema. */
  readonly schemas: { readonly header: boolean }
  readonly runId: string
}

/** io.debezium.connector.postgresql.Source belongs to `postgresql`. */
export function connectorName(table: TableVersion): string {
  return table.sourceLayout.name.split('.').at(-2) ?? ''
}

/** Debezium's `__debezium.context.*` headers; one set for all tables of a connector. Its header converter writes JSON, whatever keys and values are. */
export class ContextHeaders {
  private readonly settings: ContextHeaderSettings
  private readonly sets = new Map<string, HeaderSet>()

  constructor(settings: ContextHeaderSettings) {
    this.settings = settings
  }

  /** The set for a connector's events, for example of `postgresql`. */
  of(connector: string): HeaderSet {
    if (!this.settings.contextHeaders) return NO_HEADERS
    let set = this.sets.get(connector)
    if (set === undefined) {
      set = [
        this.header('connectorLogicalName', this.settings.names.logicalName),
        this.header('taskId', '0'),
        this.header('connectorName', connector),
        this.header('runId', this.settings.runId),
      ]
      this.sets.set(connector, set)
    }
    return set
  }

  private header(name: string, value: string): Header {
    const { header } = this.settings.schemas
    return { name: `__debezium.context.${name}`, value: Buffer.from(schemaOpening(TEXT_SCHEMA, header) + jsonText(value) + schemaClosing(header)) }
  }
}
