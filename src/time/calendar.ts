/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar; year 0 is 1 BC. Exact for every date a database has.
 * The year is taken to begin in March, so that the leap day is its last.
 */
export function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  return era * 146097 + yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear - 719468
}

export interface CalendarDate {
  year: number
  month: number
  day: number
}

/** The inverse of {@link daysFromDate}. */
export function dateFromDays(days: number): CalendarDate {
  const date = { year: 0, month: 0, day: 0 }
  putDate(days, date)
  return date
}

/** The same into an object that is there already. */
export function putDate(days: number, into: CalendarDate): void {
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  into.year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  into.month = month
  into.day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1
}

const DAYS_OF_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** Whether there is such a day in the proleptic Gregorian calendar. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= DAYS_OF_MONTH[month]! || (month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

/** A year as ISO 8601 and Java write it: four digits, a plus sign before more, a minus sign before those before year 0. */
export function isoYear(year: number): string {
  if (year < 0) return `-${String(-year).padStart(4, '0')}`
  return year > 9999 ? `+${year}` : String(year).padStart(4, '0')
}
