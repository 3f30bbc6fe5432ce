/**
 * A kind of thing that messages name and that a window is counted by: stations, clients, sources, services. The facts of a
 * window tell how many different ones there were, and how much the busiest of them did.
 *
 * How a subject is found is code, so whoever changes it raises the revision of the features that use it.
 */
export interface SubjectKind {
  /** snake_case, unique in an agent; features ask for it by this name. */
  readonly name: string;
  /** Only entries of these events are looked at; without it all are, unknown ones too. */
  readonly events?: readonly string[] | undefined;
  /** The subject that a message names; undefined if it names none. Takes time in proportion to the message at most. */
  readonly of: (message: string) => string | undefined;
  /** What the subject had to do with in this message, such as the port that a source tried. */
  readonly partnerOf?: ((message: string) => string | undefined) | undefined;
}
