/** This package's version: `source.version` of every event. A test holds it equal to package.json. */
export const VERSION = '0.1.0'
