import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES, type AgentProfile } from './agent-profile.ts';
import { createEventClassifier } from './event-table.ts';
import { createFeatureExtractor } from './feature-extractor.ts';
import { createFactFinder } from './window-facts.ts';

const SILENCE = { fromMs: 0, toMs: 300_000, deviceId: '1', entries: [] };

/** The events that an agent's features count. */
function countedEvents(agent: AgentProfile): Set<string> {
  const counted = new Set<string>();
  const count = (...events: string[]) => {
    for (const event of events) counted.add(event);
    return 0;
  };
  const facts = { ...createFactFinder(agent)(SILENCE), count };
  for (const feature of agent.features) feature.compute(facts);
  return counted;
}

for (const agent of AGENT_PROFILES) {
  const { events, classify } = createEventClassifier(agent.events);
  const eventOf = (program: string, message: string) =>
    events[classify({ timeMs: 0, deviceId: '', program, level: '', message })];

  test(`${agent.name}: every pattern matches its own example, no row before it does, and it says where it is from`, () => {
    const rows = [...agent.events, ...(agent.details ?? [])];
    for (const row of rows) {
      const first = rows.find(
        (other) =>
          other.program === row.program &&
          [other.text, ...(other.also ?? [])].every((text) => row.example.includes(text)),
      );
      assert.equal(first, row, `'${row.example}' is taken by '${first?.text}' before '${row.text}'`);
      assert.equal(eventOf(row.program, row.example), agent.events.includes(row) ? row.event : undefined);
      assert.match(row.source, /^\S.* (source|issues|logs)\b/, row.text);
    }
  });

  test(`${agent.name}: details are messages of its programs that are no events`, () => {
    for (const { event, program } of agent.details ?? []) {
      assert.ok(agent.programs.includes(program), program);
      assert.ok(!events.includes(event), event);
    }
  });

  test(`${agent.name}: a pattern holds for its program only`, () => {
    for (const row of agent.events) assert.equal(eventOf(`${row.program}x`, row.example), undefined);
  });

  test(`${agent.name}: it reads exactly the programs whose messages it knows`, () => {
    assert.deepEqual(new Set(agent.events.map((row) => row.program)), new Set(agent.programs));
  });

  test(`${agent.name}: features begin with the specification's, have names of their own and count known events`, () => {
    const names = agent.features.map((feature) => feature.name);
    assert.deepEqual(names.slice(0, 3), ['log_count', 'error_log_ratio', 'unique_program_count']);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z][a-z0-9_]*$/);
    for (const event of countedEvents(agent)) assert.ok(events.includes(event), `no pattern is an event '${event}'`);
    for (const event of agent.foreignEvents ?? []) assert.ok(events.includes(event), event);
    for (const kind of agent.subjects ?? []) {
      for (const event of kind.events ?? []) assert.ok(events.includes(event), `${kind.name}: '${event}'`);
    }
  });

  test(`${agent.name}: a window without entries has a vector of zeros`, () => {
    assert.deepEqual(new Set(createFeatureExtractor({ agent }).extract(SILENCE)), new Set([0]));
  });
}
