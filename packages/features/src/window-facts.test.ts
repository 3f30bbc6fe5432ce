import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentProfile } from './agent-profile.ts';
import { eventPatterns } from './event-table.ts';
import { createFactFinder, type WindowFacts } from './window-facts.ts';

const from = (message: string) => /from (\S+)/.exec(message)?.[1];
const port = (message: string) => /port (\S+)/.exec(message)?.[1];

/** Knows knocks and hangs up, and leaves what is said of the weather to somebody else. */
const doorkeeper: AgentProfile = {
  name: 'doorkeeper',
  programs: ['door', 'radio'],
  events: eventPatterns(['door', 'radio'], 'made up', [
    ['weather', 'weather', 'weather report'],
    ['hard_knock', 'knock', 'knock from a, hard', 'hard'],
    ['knock', 'knock', 'knock from a port 1'],
    ['opened', 'opened', 'opened from a'],
  ]),
  foreignEvents: ['weather'],
  subjects: [
    { name: 'visitor', of: from },
    { name: 'knocker', of: from, partnerOf: port, events: ['knock', 'hard_knock'] },
    { name: 'guest', of: from, events: ['opened'] },
  ],
  features: [],
  defaultWindowMs: 60_000,
};

function factsOf(...messages: string[]): WindowFacts {
  const entries = messages.map((message) => ({ timeMs: 0, deviceId: '1', program: 'door', level: 'info', message }));
  return createFactFinder(doorkeeper)({ fromMs: 0, toMs: 60_000, deviceId: '1', entries });
}

test('a pattern with more than one text needs all of them', () => {
  const facts = factsOf('hard knock', 'knock', 'hard');
  assert.deepEqual([facts.count('hard_knock'), facts.count('knock'), facts.unknownCount], [1, 1, 1]);
});

test('entries of foreign events are passed over in every number', () => {
  const finder = createFactFinder(doorkeeper);
  const weather = { timeMs: 0, deviceId: '1', program: 'radio', level: 'error', message: 'weather report from space' };
  const entries = [weather, { ...weather, program: 'door', message: 'weather from the north' }];
  const facts = finder({ fromMs: 0, toMs: 60_000, deviceId: '1', entries });
  assert.deepEqual(
    [facts.logCount, facts.errorCount, facts.programCount, facts.unknownCount, facts.distinct('visitor')],
    [0, 0, 0, 0, 0],
  );
  assert.equal(facts.count('weather'), 0);
});

test('a foreign event that the table lacks takes nothing away', () => {
  const finder = createFactFinder({ ...doorkeeper, foreignEvents: ['earthquake'] });
  const entry = { timeMs: 0, deviceId: '1', program: 'door', level: 'info', message: 'brand new message' };
  assert.equal(finder({ fromMs: 0, toMs: 60_000, deviceId: '1', entries: [entry] }).unknownCount, 1);
});

test('subjects are counted among the entries of their events, without such among all, unknown ones too', () => {
  const facts = factsOf('knock from a', 'knock from b', 'knock from a', 'seen from c', 'opened from a', 'knock');
  assert.equal(facts.distinct('visitor'), 3);
  assert.equal(facts.distinct('knocker'), 2);
  assert.equal(facts.busiest('visitor'), 3);
  assert.equal(facts.busiest('knocker'), 2);
  assert.equal(facts.naming('knocker', 'b'), 1);
  assert.equal(facts.naming('knocker', 'c'), 0);
});

test('subjects that are not among those of another kind are missing there', () => {
  const facts = factsOf('knock from a', 'knock from b', 'opened from b', 'opened from c');
  assert.equal(facts.missing('knocker', 'guest'), 1);
  assert.equal(facts.missing('guest', 'knocker'), 1);
});

test('the widest subject is the one with the most different partners', () => {
  const ports = ['knock from a port 1', 'knock from a port 2', 'knock from a port 2', 'knock from b port 1'];
  assert.equal(factsOf(...ports).widest('knocker'), 2);
  assert.equal(factsOf(...ports).widest('visitor'), 0);
});

test('a window without entries has none of anything', () => {
  const facts = factsOf();
  assert.deepEqual(
    [facts.distinct('visitor'), facts.busiest('visitor'), facts.widest('knocker'), facts.missing('knocker', 'guest')],
    [0, 0, 0, 0],
  );
});

test('a feature that asks for subjects which the agent lacks is a mistake', () => {
  assert.throws(() => factsOf().distinct('burglar'), /no subjects called 'burglar'/);
});
