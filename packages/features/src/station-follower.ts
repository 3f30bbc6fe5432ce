/**
 * Follows one station through the steps that name it, interface by interface.
 *
 * What it makes of them: lines that belong to one end come within seconds and make one end; what joins anew without having
 * gone, or joins elsewhere, has gone unseen; a clean-up alone ends nothing, since it follows an end.
 */
import type { SessionStep, StationStep } from './station-steps.ts';

/** A session that ended, with what may tell why. */
export interface Ending {
  /** The first line that shows that it is over: of its end, or of what the station did next. */
  readonly at: StationStep;
  /** Of the session: the last line before. */
  readonly seenMs: number;
  /** The lines of its end; `moved` if the station turned up elsewhere about then. */
  readonly steps: Set<SessionStep>;
  /** Undefined if the window has not seen the joining. */
  readonly joinedMs: number | undefined;
  readonly hasKeys: boolean;
  readonly hasFailed: boolean;
}

/** What is found on the way, in order of time; no more of each than there are steps. */
export interface Findings {
  readonly starts: StationStep[];
  readonly endings: Ending[];
}

/** The sessions of one station at the interfaces of one device. */
export interface FollowedStation {
  readonly sessions: Map<string, Session>;
  moved: { readonly timeMs: number; readonly interfaceName: string | undefined } | undefined;
}

interface Session {
  /** Rank of the furthest step of joining; 0 as long as the window has not seen any. */
  rank: number;
  /** First and last line of joining. */
  joinedMs: number | undefined;
  joiningMs: number;
  seenMs: number;
  hasStarted: boolean;
  hasKeys: boolean;
  hasFailed: boolean;
  isOver: boolean;
  /** Of the session itself if it is over, else of the one before. */
  ending: Ending | undefined;
}

/** Lines may be out of order by so much. */
const REORDER_MS = 1_000;
/** Lines that belong to one end come within so much. */
const SAME_END_MS = 5_000;
/** Who leaves one radio and turns up at another within so much has roamed. */
const ROAM_MS = 10_000;
/** So many interfaces of one device are told apart for a station; what it does at others is passed over. */
const MOST_INTERFACES = 64;

const RANKS: Partial<Record<SessionStep, number>> = { authenticated: 1, associated: 2, admitted: 3, keyed: 4 };
const [AUTHENTICATED, ASSOCIATED, ADMITTED, KEYED] = [1, 2, 3, 4];

export function newStation(): FollowedStation {
  return { sessions: new Map(), moved: undefined };
}

/** Takes the next step, in order of time. */
export function followStation(station: FollowedStation, step: StationStep, findings: Findings): void {
  if (step.step === 'moved') {
    noteMove(station, step, undefined, REORDER_MS, findings);
    return;
  }
  const session = sessionAt(station, step);
  if (session === undefined) return;
  const rank = RANKS[step.step];
  // It shows an intention only: a station that is protected against forged frames keeps its session.
  if (rank === AUTHENTICATED && isUp(session)) return;
  if (rank !== undefined) join(station, session, step, rank, findings);
  else if (step.step === 'failed') session.hasFailed = true;
  else if (step.step === 'alive') live(session, step.timeMs);
  else leave(station, session, step, findings);
  session.seenMs = step.timeMs;
}

function isUp({ isOver, rank }: Session): boolean {
  return !isOver && rank >= ADMITTED;
}

function sessionAt({ sessions }: FollowedStation, { interfaceName, timeMs }: StationStep): Session | undefined {
  let session = sessions.get(interfaceName);
  if (session === undefined && sessions.size < MOST_INTERFACES) {
    session = { ...freshSession(), seenMs: timeMs, ending: undefined };
    sessions.set(interfaceName, session);
  }
  return session;
}

function freshSession(): Omit<Session, 'seenMs' | 'ending'> {
  const joiningMs = Number.NEGATIVE_INFINITY;
  const nothing = { hasStarted: false, hasKeys: false, hasFailed: false, isOver: false };
  return { rank: 0, joinedMs: undefined, joiningMs, ...nothing };
}

function join(station: FollowedStation, session: Session, step: StationStep, rank: number, findings: Findings): void {
  const { timeMs, interfaceName } = step;
  if (rank >= ADMITTED && isJustOver(session, timeMs)) return;
  if (!continuesJoining(session, rank, timeMs)) {
    const wasOne = isUp(session) || (session.hasFailed && !session.isOver);
    if (wasOne) endSession(station, session, step, [], findings);
    Object.assign(session, freshSession());
  }
  const renewsKeys = rank === KEYED && isUp(session);
  if (!renewsKeys) session.joiningMs = timeMs;
  session.rank = Math.max(session.rank, rank);
  session.hasKeys ||= rank === KEYED;
  if (rank === KEYED) return;
  session.joinedMs ??= timeMs;
  if (rank === AUTHENTICATED || session.hasStarted) return;
  session.hasStarted = true;
  findings.starts.push(step);
  noteMove(station, step, interfaceName, ROAM_MS, findings);
}

/** Whether a line of joining belongs to what the session already is: its next step, or one that comes late or again. */
function continuesJoining(
  { isOver, rank: reached, joiningMs, hasFailed }: Session,
  rank: number,
  timeMs: number,
): boolean {
  if (isOver) return false;
  if (rank === KEYED || timeMs - joiningMs <= REORDER_MS) return true; // keys are renewed in the middle of a session, too
  return rank > reached && !(rank === AUTHENTICATED && hasFailed);
}

function isJustOver({ isOver, ending }: Session, timeMs: number): boolean {
  return isOver && ending !== undefined && timeMs - ending.at.timeMs <= REORDER_MS;
}

/** A sign of life of a station whose joining was lost, or came before the window. */
function live(session: Session, timeMs: number): void {
  if (isJustOver(session, timeMs)) return;
  if (session.isOver) Object.assign(session, freshSession());
  session.rank = Math.max(session.rank, ADMITTED);
}

function leave(station: FollowedStation, session: Session, step: StationStep, findings: Findings): void {
  const { ending, isOver, joinedMs = Number.NEGATIVE_INFINITY } = session;
  const { timeMs } = step;
  const tellsOfLast = isOver || timeMs - joinedMs <= REORDER_MS;
  if (ending !== undefined && tellsOfLast && timeMs - ending.at.timeMs <= SAME_END_MS) ending.steps.add(step.step);
  else if (!isOver && isEnd(session, step.step)) endSession(station, session, step, [step.step], findings);
  else session.isOver = true;
}

/** A clean-up says nothing unless the line before it was lost; whoever only authenticated can be removed without having had a session. */
function isEnd({ rank, hasFailed }: Session, step: SessionStep): boolean {
  if (step === 'cleaned_up') return rank >= ASSOCIATED;
  return step !== 'removed' || rank !== AUTHENTICATED || hasFailed;
}

function endSession(
  station: FollowedStation,
  session: Session,
  at: StationStep,
  steps: readonly SessionStep[],
  findings: Findings,
): void {
  const { moved } = station;
  const hasMoved =
    moved !== undefined && at.timeMs - moved.timeMs <= ROAM_MS && moved.interfaceName !== at.interfaceName;
  const { seenMs, joinedMs, hasKeys, hasFailed } = session;
  const told = new Set(hasMoved ? [...steps, 'moved' as const] : steps);
  session.ending = { at, seenMs, steps: told, joinedMs, hasKeys, hasFailed };
  session.isOver = true;
  findings.endings.push(session.ending);
}

/** @param to where the station is now, so that it is nowhere else; undefined if that is not known. */
function noteMove(
  station: FollowedStation,
  { timeMs, ...step }: StationStep,
  to: string | undefined,
  withinMs: number,
  findings: Findings,
): void {
  station.moved = { timeMs, interfaceName: to };
  for (const [interfaceName, session] of station.sessions) {
    if (interfaceName === to) continue;
    const { ending, isOver, rank } = session;
    if (isOver && ending !== undefined && timeMs - ending.at.timeMs <= withinMs) ending.steps.add('moved');
    if (isOver || to === undefined || rank < ASSOCIATED) continue;
    endSession(station, session, { ...step, timeMs, interfaceName }, ['moved'], findings);
  }
}
