// @ts-check
// The shop: three tables, and somebody who works in it over a connection of their own. It writes down every change it
// has committed, in order; that list is what the engine's deliveries are held against at the end.
import pg from 'pg'

/**
 * A row as the driver and the engine both show it: integers as numbers, numeric as text.
 * @typedef {Record<string, unknown>} Row
 * @typedef {{ op: string, table: string, row: Row }} Change For a delete, `row` is the key.
 */

const SCHEMA = `
  create table customers (id int primary key, name text not null, city text not null);
  create table orders (id int primary key generated always as identity, customer_id int not null references customers, status text not null, total numeric(10,2) not null);
  create table order_lines (id int primary key generated always as identity, order_id int not null references orders, product text not null, quantity int not null, price numeric(10,2) not null);
  insert into customers select n, 'Customer ' || n, (array['Lisbon', 'Osaka', 'Quito', 'Turku'])[1 + n % 4] from generate_series(1, 200) n;
  insert into orders (customer_id, status, total) select 1 + n % 200, 'shipped', (n % 97) + 0.5 from generate_series(1, 1000) n;
  insert into order_lines (order_id, product, quantity, price) select 1 + n % 1000, 'Product ' || n % 40, 1 + n % 3, (n % 50) + 0.99 from generate_series(1, 3000) n;`

export const TABLES = /** @type {const} */ (['customers', 'orders', 'order_lines'])

export class Shop {
  #client
  /** @type {Change[]} Of the open transaction. */
  #pending = []
  /** @type {Change[]} In commit order. */
  committed = []

  /** @param {pg.Client} client */
  constructor(client) {
    this.#client = client
  }

  /** @param {string} url */
  static async open(url) {
    const client = new pg.Client({ connectionString: url, application_name: 'shop' })
    await client.connect()
    await client.query(SCHEMA)
    return new Shop(client)
  }

  async version() {
    return (await this.#client.query('show server_version')).rows[0].server_version
  }

  /**
   * All rows of all tables, by table.
   * @returns {Promise<Record<string, Row[]>>}
   */
  async contents() {
    /** @type {Record<string, Row[]>} */
    const contents = {}
    for (const table of TABLES) contents[table] = (await this.#client.query(`select * from ${table} order by id`)).rows
    return contents
  }

  /** A day's business: orders come in, are paid, or cancelled; customers move. One call is one transaction. */
  async trade(/** @type {number} */ turn) {
    await this.#transaction(async () => {
      const [order] = await this.#change('c', 'orders', 'insert into orders (customer_id, status, total) values ($1, $2, $3)', [1 + turn % 200, 'placed', 10 + turn])
      const id = order?.['id']
      await this.#change('c', 'order_lines', "insert into order_lines (order_id, product, quantity, price) values ($1, 'Teapot', 1, 7.50), ($1, 'Tea', $2, 2.50)", [id, 1 + turn % 5])
      if (turn % 3 === 0) await this.#change('u', 'orders', "update orders set status = 'paid' where id = $1", [id])
      if (turn % 4 === 1) await this.#change('u', 'customers', "update customers set city = 'Oslo' where id = $1", [1 + turn % 200])
      if (turn % 5 === 2) {
        await this.#change('d', 'order_lines', 'delete from order_lines where order_id = $1', [id])
        await this.#change('d', 'orders', 'delete from orders where id = $1', [id])
      }
    })
  }

  /** A wholesaler's order: one transaction of many rows. */
  async wholesale(/** @type {number} */ lines) {
    await this.#transaction(async () => {
      const [order] = await this.#change('c', 'orders', "insert into orders (customer_id, status, total) values (1, 'placed', 0)", [])
      const id = order?.['id']
      await this.#change('c', 'order_lines', "insert into order_lines (order_id, product, quantity, price) select $1::int, 'Cup ' || n, 1 + n % 9, 1.25 from generate_series(1, $2::int) n", [id, lines])
      await this.#change('u', 'orders', 'update orders set total = (select sum(quantity * price) from order_lines where order_id = $1) where id = $1', [id])
    })
  }

  async close() {
    await this.#client.end()
  }

  /** @param {() => Promise<void>} work */
  async #transaction(work) {
    await this.#client.query('begin')
    await work()
    await this.#client.query('commit')
    // only now: what did not commit must not arrive
    this.committed.push(...this.#pending.splice(0))
  }

  /**
   * @param {string} op
   * @param {typeof TABLES[number]} table
   * @param {string} sql
   * @param {unknown[]} values
   */
  async #change(op, table, sql, values) {
    const { rows } = await this.#client.query(`${sql} returning *`, values)
    for (const row of rows) this.#pending.push({ op, table, row: op === 'd' ? { id: row.id } : row })
    return /** @type {Row[]} */ (rows)
  }
}
