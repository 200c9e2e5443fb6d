/** A type as pg_type describes it, resolved as far as values need. */
export interface PgType {
  readonly oid: number
  /** `typname`: `int4`, `_int4`, `mood`. */
  readonly name: string
  /** Schema of the type: `pg_catalog`, `public` … */
  readonly schema: string
  readonly kind: 'base' | 'enum' | 'domain' | 'composite' | 'range' | 'multirange' | 'pseudo'
  /** Arrays: the element type. */
  readonly element?: PgType
  /** Domains: the type below (itself perhaps a domain) and the modifier it is used with. */
  readonly base?: PgType
  readonly baseTypmod?: number
  /** `typdelim`: what stands between the elements of an array of this type, unless it is a comma (`box`: `;`). */
  readonly delimiter?: string
  /** Enums: labels in `enumsortorder`. */
  readonly labels?: readonly string[]
}

/** A column at one table version. */
export interface PgColumn {
  readonly name: string
  readonly type: PgType
  /** `atttypmod`: -1 when the type has no modifier. */
  readonly typmod: number
  /** True unless NOT NULL is known to hold. */
  readonly optional: boolean
  /** The default as `pg_get_expr` prints it (`'x'::text`, `nextval('t_id_seq'::regclass)`), undefined without one. */
  readonly default?: string
  /** GENERATED … AS IDENTITY. */
  readonly identity: boolean
  /** GENERATED ALWAYS AS (…) STORED (or VIRTUAL). */
  readonly generated: boolean
}

/** What a table is at one point of the log. */
export interface PgTableShape {
  readonly oid: number
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly PgColumn[]
  /** Indexes into `columns`, in key order; empty without a key. */
  readonly key: readonly number[]
}
