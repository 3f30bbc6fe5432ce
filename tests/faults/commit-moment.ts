/** Where a process dies at a commit: before it is asked for, when it is under way, or when it is done and before anything else is. */
export const COMMIT_MOMENTS = ['before', 'during', 'after'] as const;

export type CommitMoment = (typeof COMMIT_MOMENTS)[number];

/** Which commits count: of all transactions that write, or of those that keep how far everybody has been told. */
export type CommitKind = 'any' | 'telling';
