import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_OF_LIST, MOST_TOGETHER, RecentSubjects } from './recent-subjects.ts';

test('a list remembers no more than its most, and those that were seen last', () => {
  const budget = { held: 0 };
  const list = new RecentSubjects(budget);
  list.see(-1, 0);
  for (let subject = 0; subject < MOST_OF_LIST; subject += 1) list.see(subject, 1);
  assert.equal(budget.held, MOST_OF_LIST);
  assert.equal(list.see(0, 2), 1);
  assert.equal(list.see(-1, 2), Number.POSITIVE_INFINITY);
});

test('when all lists together are full, each goes on with what it has, and an empty one remembers nothing', () => {
  const budget = { held: 0 };
  const [flooded, other, empty] = [new RecentSubjects(budget), new RecentSubjects(budget), new RecentSubjects(budget)];
  other.see(1, 0);
  budget.held = MOST_TOGETHER;
  assert.equal(other.see(1, 1), 1);
  assert.equal(other.see(2, 1), Number.POSITIVE_INFINITY);
  assert.equal(other.see(2, 2), 1);
  assert.equal(empty.see(3, 1), Number.POSITIVE_INFINITY);
  assert.equal(empty.see(3, 2), Number.POSITIVE_INFINITY);
  assert.equal(budget.held, MOST_TOGETHER);
  other.clear();
  assert.equal(budget.held, MOST_TOGETHER - 1);
  flooded.see(4, 1);
  assert.equal(flooded.see(4, 2), 1);
});

test('what was seen two days ago is remembered, and what was seen before that is not', () => {
  const budget = { held: 0 };
  const list = new RecentSubjects(budget);
  list.see(1, 0);
  list.see(2, 1);
  list.prune(2_881);
  assert.equal(budget.held, 1);
  assert.equal(list.see(2, 2_881), 2_880);
  assert.equal(list.see(1, 2_881), Number.POSITIVE_INFINITY);
});
