/**
 * The value of a column that the log did not carry: an unchanged out-of-line (TOASTed) value, or a column outside the
 * replica identity in `before`. Never null: null is a value.
 */
export const UNAVAILABLE: unique symbol = Symbol.for('tailrace.unavailable')
