import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainOf, missingNameOf, questionOf } from './dns-question.ts';

const QUESTION = { client: '192.168.1.20', name: 'www.example.org' };

test('a question is found in what dnsmasq, BIND and unbound write', () => {
  const lines = [
    'query[A] www.example.org from 192.168.1.20',
    '4711 192.168.1.20/53412 query[type=65] www.example.org from 192.168.1.20',
    'client @0x7f2a54001 192.168.1.20#53412 (www.example.org): query: www.example.org IN A + (192.0.2.1)',
    'client 192.168.1.20#53412 (www.example.org): query: www.example.org IN A + (192.0.2.1)',
    '[4711:0] info: 192.168.1.20 www.example.org. A IN',
    '[4711:0] query: 192.168.1.20 www.example.org. A IN',
  ];
  for (const line of lines) assert.deepEqual(questionOf(line), QUESTION, line);
});

test('names are the same in any case', () => {
  assert.deepEqual(questionOf('query[AAAA] wWw.ExAmPlE.oRg from 192.168.1.20'), QUESTION);
});

test('a question that breaks off is none', () => {
  for (const line of [
    '',
    'query[A]',
    'query[A] www.example.org',
    'query[A] www.example.org from ',
    'info: 192.0.2.1',
  ]) {
    assert.equal(questionOf(line), undefined, line);
  }
});

test('a name that does not exist is found in an answer', () => {
  assert.equal(missingNameOf('reply nothing.Example.org is NXDOMAIN'), 'nothing.example.org');
  assert.equal(missingNameOf('cached nothing.example.org is NXDOMAIN'), 'nothing.example.org');
  assert.equal(
    missingNameOf('[4711:0] info: 192.168.1.20 nothing.example.org. A IN NXDOMAIN 0.021 0 115'),
    'nothing.example.org',
  );
});

test("a name's domain is its last two labels, or three under a short one", () => {
  const cases = {
    'a.b.example.org': 'example.org',
    'example.org': 'example.org',
    'www.example.co.uk': 'example.co.uk',
    'www.example.de': 'example.de',
    'www.abc.de': 'www.abc.de',
    lan: 'lan',
    '20.1.168.192.in-addr.arpa': 'in-addr.arpa',
    '': '',
  };
  for (const [name, domain] of Object.entries(cases)) assert.equal(domainOf(name), domain, name);
});

test('a long message without a question is read in no time', () => {
  const message = 'query['.repeat(20_000);
  const startMs = performance.now();
  questionOf(message);
  missingNameOf(message);
  assert.ok(performance.now() - startMs < 200);
});
