import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES, agentProfile } from './agent-profile.ts';
import { createFeatureExtractor } from './feature-extractor.ts';

/** The features by name of a window of one program's lines. */
function featuresOf(agent: string, program: string, ...messages: string[]): Record<string, number> {
  const extractor = createFeatureExtractor({ agent: agentProfile(agent) });
  const entries = messages.map((message) => ({ timeMs: 0, deviceId: '1', program, level: 'notice', message }));
  const vector = extractor.extract({ fromMs: 0, toMs: 300_000, deviceId: '1', entries });
  return Object.fromEntries(extractor.names.map((name, position) => [name, vector[position] ?? Number.NaN]));
}

test("each line of the kernel is either the firewall's or the system's", () => {
  const rows = AGENT_PROFILES.flatMap((agent) => agent.events).filter((row) => row.program === 'kernel');
  const lines = [...new Set(rows.map((row) => row.example)), 'brand new message', ''];
  assert.ok(lines.length > 80);
  for (const line of lines) {
    const counts = ['firewall', 'system'].map((agent) => featuresOf(agent, 'kernel', line).log_count ?? Number.NaN);
    assert.deepEqual(counts.toSorted(), [0, 1], line);
  }
});

test('a fault of the kernel is one event, however much it prints', () => {
  const found = featuresOf(
    'system',
    'kernel',
    '[  411.000001] ------------[ cut here ]------------',
    '[  411.000002] WARNING: CPU: 1 PID: 4711 at net/mac80211/tx.c:1234 0x8f1e21e4 [mac80211@c21f+0x1]',
    '[  411.000003] Call trace:\n  ieee80211_tx_dequeue+0x1f0/0xa12\n\tdrv_wake_tx_queue, "phy0"',
    '[  411.000004] ---[ end trace 61cbb96186ed92aa ]---',
  );
  assert.equal(found.kernel_fault_events, 1);
  assert.equal(found.unknown_events, 0);
});

test('a killed program is one event of memory', () => {
  const found = featuresOf(
    'system',
    'kernel',
    '[32350.796564] dnsmasq invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0',
    '[32350.902296] oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,task=dnsmasq,pid=1247,uid=0',
    '[32350.902481] Out of memory: Killed process 1247 (dnsmasq) total-vm:3726576kB, anon-rss:875928kB',
  );
  assert.equal(found.memory_events, 1);
});

test('guessing passwords shows as failures, many users and many addresses', () => {
  const found = featuresOf(
    'system',
    'sshd',
    'Failed password for invalid user admin from 203.0.113.9 port 40000 ssh2',
    'Failed password for invalid user pi from 203.0.113.9 port 40001 ssh2',
    'Failed password for root from 203.0.113.10 port 40002 ssh2',
    'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.10 user=root',
    'Accepted password for root from 192.168.1.100 port 50321 ssh2',
  );
  assert.equal(found.login_failure_events, 3);
  assert.equal(found.failed_login_source_count, 2);
  assert.equal(found.failed_login_user_count, 3);
  assert.equal(found.login_events, 1);
});

test('services that crash are told apart', () => {
  const loop = (name: string) => `Instance ${name}::instance1 s in a crash loop 6 crashes, 0 seconds since last crash`;
  const found = featuresOf('system', 'procd', loop('uhttpd'), loop('uhttpd'), loop('odhcpd'));
  assert.deepEqual([found.crash_events, found.crashed_service_count], [3, 2]);
});
