import type { Header, HeaderSet } from '../format.ts'
import { TEXT_SCHEMA } from './envelope-schema.ts'
import { jsonText, schemaClosing, schemaOpening } from './json-layout.ts'
import type { JsonSettings } from './json-settings.ts'

/** For records without headers; shared, because sinks keep what they rendered by identity. */
export const NO_HEADERS: HeaderSet = []

/** Debezium's `__debezium.context.*` headers; one set for all tables of a connector. */
export class ContextHeaders {
  private readonly settings: JsonSettings
  private readonly sets = new Map<string, HeaderSet>()

  constructor(settings: JsonSettings) {
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
