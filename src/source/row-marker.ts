import type { ChangeEvent, SnapshotMarker } from '../event/change-event.ts'
import type { RowImage, TableVersion } from '../event/table.ts'

/** Makes the event of a row that was read. */
export type MakeEvent<Image extends RowImage, Table extends TableVersion> = (image: Image, table: Table, marker: SnapshotMarker, ordinal: number) => ChangeEvent

/** Debezium’s snapshot markers. The last row is known as such only when another one, or the end, follows: one is held back. */
export class RowMarker<Image extends RowImage, Table extends TableVersion> {
  readonly #make: MakeEvent<Image, Table>
  #image: Image | undefined
  #table: Table | undefined
  #first = false
  #any = false
  #firstOfTable = true
  #ordinal = 0

  constructor(make: MakeEvent<Image, Table>) {
    this.#make = make
  }

  mark(rows: readonly Image[], table: Table): ChangeEvent[] {
    const events: ChangeEvent[] = []
    for (const image of rows) {
      this.#release(events, this.#table !== table)
      this.#image = image
      this.#table = table
      this.#first = this.#firstOfTable
      this.#firstOfTable = false
    }
    return events
  }

  endTable(): void {
    this.#firstOfTable = true
  }

  finish(): ChangeEvent[] {
    return this.#image === undefined ? [] : [this.#event(this.#image, this.#table!, 'last')]
  }

  #release(events: ChangeEvent[], lastOfTable: boolean): void {
    const image = this.#image
    if (image === undefined) return
    const marker: SnapshotMarker = !this.#any ? 'first' : lastOfTable ? 'last_in_data_collection' : this.#first ? 'first_in_data_collection' : 'true'
    this.#any = true
    events.push(this.#event(image, this.#table!, marker))
  }

  #event(image: Image, table: Table, marker: SnapshotMarker): ChangeEvent {
    return this.#make(image, table, marker, this.#ordinal++)
  }
}
