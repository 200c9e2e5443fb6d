/** Its own types are there only where it is installed; what is used of it is in library.ts. */
declare module '@confluentinc/kafka-javascript' {
  const library: unknown
  export default library
}
