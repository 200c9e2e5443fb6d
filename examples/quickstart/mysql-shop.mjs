// @ts-check
// The shop of shop.mjs in MySQL or MariaDB. They do not say which rows a statement changed: each is asked for, in its transaction.
import { createConnection } from 'mysql2/promise'

/**
 * @typedef {import('./shop.mjs').Row} Row
 * @typedef {import('./shop.mjs').Change} Change
 * @typedef {typeof import('./shop.mjs').TABLES[number]} Table
 */

const NUMBERS = (/** @type {number} */ count) => `(with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count}) select n from numbers) as numbers`

const SCHEMA = [
  'create table customers (id int primary key, name text not null, city text not null)',
  'create table orders (id int primary key auto_increment, customer_id int not null, status text not null, total decimal(10,2) not null, foreign key (customer_id) references customers (id))',
  'create table order_lines (id int primary key auto_increment, order_id int not null, product text not null, quantity int not null, price decimal(10,2) not null, foreign key (order_id) references orders (id))',
  `insert into customers select n, concat('Customer ', n), elt(1 + n % 4, 'Lisbon', 'Osaka', 'Quito', 'Turku') from ${NUMBERS(200)}`,
  `insert into orders (customer_id, status, total) select 1 + n % 200, 'shipped', (n % 97) + 0.5 from ${NUMBERS(1000)} order by n`,
  `insert into order_lines (order_id, product, quantity, price) select 1 + n % 1000, concat('Product ', n % 40), 1 + n % 3, (n % 50) + 0.99 from ${NUMBERS(3000)} order by n`,
]

export class MysqlShop {
  #client
  #database
  /** @type {Change[]} Of the open transaction. */
  #pending = []
  /** @type {Change[]} In commit order. */
  committed = []

  /**
   * @param {import('mysql2/promise').Connection} client
   * @param {string} database
   */
  constructor(client, database) {
    this.#client = client
    this.#database = database
  }

  /**
   * @param {string} url Of the server.
   * @param {string} database Is made, and dropped by `close`.
   */
  static async open(url, database) {
    const client = await createConnection(url)
    await client.query(`create database ${database} character set utf8mb4`)
    await client.query(`use ${database}`)
    await client.query('set session cte_max_recursion_depth = 1000000').catch(() => client.query('set session max_recursive_iterations = 1000000'))
    for (const statement of SCHEMA) await client.query(statement)
    return new MysqlShop(client, database)
  }

  async version() {
    return String((await this.#rows('select version() as version'))[0]?.['version'])
  }

  /**
   * All rows of all tables, by table.
   * @returns {Promise<Record<string, Row[]>>}
   */
  async contents() {
    /** @type {Record<string, Row[]>} */
    const contents = {}
    for (const table of ['customers', 'orders', 'order_lines']) contents[table] = await this.#rows(`select * from ${table} order by id`)
    return contents
  }

  /** A day's business: orders come in, are paid, or cancelled; customers move. One call is one transaction. */
  async trade(/** @type {number} */ turn) {
    await this.#transaction(async () => {
      const id = await this.#insert('insert into orders (customer_id, status, total) values (?, ?, ?)', [1 + turn % 200, 'placed', 10 + turn])
      await this.#note('c', 'orders', 'id = ?', [id])
      await this.#insert("insert into order_lines (order_id, product, quantity, price) values (?, 'Teapot', 1, 7.50), (?, 'Tea', ?, 2.50)", [id, id, 1 + turn % 5])
      await this.#note('c', 'order_lines', 'order_id = ?', [id])
      if (turn % 3 === 0) await this.#update('orders', "status = 'paid'", id)
      if (turn % 4 === 1) await this.#update('customers', "city = 'Oslo'", 1 + turn % 200)
      if (turn % 5 === 2) {
        await this.#delete('order_lines', 'order_id = ?', id)
        await this.#delete('orders', 'id = ?', id)
      }
    })
  }

  /** A wholesaler's order: one transaction of many rows. */
  async wholesale(/** @type {number} */ lines) {
    await this.#transaction(async () => {
      const id = await this.#insert("insert into orders (customer_id, status, total) values (1, 'placed', 0)", [])
      await this.#note('c', 'orders', 'id = ?', [id])
      await this.#insert(`insert into order_lines (order_id, product, quantity, price) select ?, concat('Cup ', n), 1 + n % 9, 1.25 from ${NUMBERS(lines)} order by n`, [id])
      await this.#note('c', 'order_lines', 'order_id = ?', [id])
      await this.#update('orders', `total = (select sum(quantity * price) from order_lines where order_id = ${id})`, id)
    })
  }

  async close() {
    await this.#client.query(`drop database ${this.#database}`)
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
   * @param {string} sql
   * @param {unknown[]} values
   * @returns {Promise<number>} The first id.
   */
  async #insert(sql, values) {
    const [result] = await this.#client.query(sql, values)
    return /** @type {import('mysql2').ResultSetHeader} */ (result).insertId
  }

  /**
   * @param {Table} table
   * @param {string} assignment
   * @param {number} id
   */
  async #update(table, assignment, id) {
    const [result] = await this.#client.query(`update ${table} set ${assignment} where id = ?`, [id])
    // what is set to what it was changes nothing, and is not in the log
    if (/** @type {import('mysql2').ResultSetHeader} */ (result).changedRows > 0) await this.#note('u', table, 'id = ?', [id])
  }

  /**
   * @param {Table} table
   * @param {string} condition
   * @param {number} value
   */
  async #delete(table, condition, value) {
    await this.#note('d', table, condition, [value])
    await this.#client.query(`delete from ${table} where ${condition}`, [value])
  }

  /**
   * Writes down these rows as changed.
   * @param {string} op
   * @param {Table} table
   * @param {string} condition
   * @param {unknown[]} values
   */
  async #note(op, table, condition, values) {
    for (const row of await this.#rows(`select * from ${table} where ${condition} order by id`, values)) this.#pending.push({ op, table, row: op === 'd' ? { id: row['id'] } : { ...row } })
  }

  /**
   * @param {string} sql
   * @param {unknown[]} [values]
   */
  async #rows(sql, values = []) {
    const [rows] = await this.#client.query(sql, values)
    return /** @type {Row[]} */ (rows)
  }
}
