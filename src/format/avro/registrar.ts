import { TailraceError } from '../../error/tailrace-error.ts'
import type { FirstEvent, NamedSchema, Registrable } from './registration.ts'
import type { RegistryClient } from './registry-client.ts'
import { checkSchema } from './schema-check.ts'

/** Schemas whose ids are kept: that many changes of tables are not seen in one run. Confluent's clients keep 1000 a subject. */
const MAX_KEPT = 10_000

/** Finds the ids of schemas: registers them, or looks them up. */
export class Registrar {
  private readonly client: RegistryClient
  private readonly autoRegister: boolean
  /** By subject and text. */
  private readonly ids = new Map<string, number>()
  /** Which table has a subject. */
  private readonly owners = new Map<string, string>()

  constructor(client: RegistryClient, autoRegister: boolean) {
    this.client = client
    this.autoRegister = autoRegister
  }

  /** @throws TailraceError TR_NAME_COLLISION where two tables have one subject: their schemas would follow each other as if one table changed. */
  claim({ label, keySchema, valueSchema }: Registrable): void {
    for (const { subject } of keySchema === undefined ? [valueSchema] : [keySchema, valueSchema]) {
      const owner = this.owners.get(subject)
      if (owner === undefined) this.owners.set(subject, label)
      else if (owner !== label) throw new TailraceError('TR_NAME_COLLISION', { message: `Tables ${owner} and ${label} both have the subject "${subject}"`, where: { table: label, subject } })
    }
  }

  /** Errors: the client's, each with the table and the event that it is about. */
  async register(encoder: Registrable, event: FirstEvent, signal: AbortSignal): Promise<void> {
    const { keySchema, valueSchema } = encoder
    const key = keySchema === undefined ? undefined : await this.idOf(keySchema, encoder, event, signal)
    encoder.register({ key, value: await this.idOf(valueSchema, encoder, event, signal) })
  }

  private async idOf(schema: NamedSchema, { label }: Registrable, event: FirstEvent, signal: AbortSignal): Promise<number> {
    const { subject, text } = schema
    const kept = `${subject}\n${text}`
    let id = this.ids.get(kept)
    if (id === undefined) {
      const about = { subject, table: label, event: event.id }
      await checkSchema(schema, about)
      id = await (this.autoRegister ? this.client.register(subject, text, about, signal) : this.client.lookUp(subject, text, about, signal))
      if (this.ids.size >= MAX_KEPT) this.ids.clear()
      this.ids.set(kept, id)
    }
    return id
  }
}
