import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import type { Baseline } from './baseline.ts';
import { formatBaseline, MAX_BASELINE_BYTES, parseBaseline, roundedBaseline } from './baseline-json.ts';
import { BASELINE_LIMITS } from './baseline-schema.ts';
import { UNSEEN } from './calibration.ts';
import { SurpriseError } from './errors.ts';
import { BaselineLearner } from './learn-baseline.ts';
import { learnWindowNorms } from './learn-window-norms.ts';
import { SCALES } from './scales.ts';
import { MOST_SIGNALS, SignalNames } from './signal-names.ts';
import { createKindFinder } from './slot-signals.ts';
import { HOUR_KINDS, SLOT_MS } from './slot-time.ts';
import { SurpriseDetector } from './surprise-detector.ts';
import { seededRandom } from './testing/seeded-random.ts';
import { DEVICES, FIRST_SLOT, ordinaryDays, SLOTS_PER_DAY } from './testing/small-fleet.ts';

const findKind = createKindFinder(AGENT_PROFILES);
const DAYS = 4;

function learn(): Baseline {
  const learner = new BaselineLearner(findKind);
  const days = DEVICES.map((device, at) => ordinaryDays(device, 0, DAYS, at + 1));
  for (let slot = FIRST_SLOT; slot < FIRST_SLOT + DAYS * SLOTS_PER_DAY; slot += 1) {
    for (const [at, device] of DEVICES.entries()) learner.add(slot, device, days[at].get(slot) ?? []);
  }
  return learner.finish();
}

/** Of signals that there always are and some more, all the same. */
function plainBaseline({ signals = 20, devices = 2 }: { signals?: number; devices?: number } = {}): Baseline {
  const always = new SignalNames().all;
  const places = Array.from({ length: signals }, (_, at) => always[at] ?? { name: `signal ${at}`, low: false });
  return {
    fleetSilences: new Float64Array(24).fill(5),
    signals: places.map((signal) => ({
      ...signal,
      fleetMeans: new Float64Array(HOUR_KINDS).fill(0.5),
      fleetDispersions: SCALES.map(() => 0.2),
      calibrations: SCALES.map(() => UNSEEN),
    })),
    devices: new Map(
      Array.from({ length: devices }, (_, at) => {
        const id = `device ${at}`;
        const means = new Float64Array(signals * HOUR_KINDS).fill(0.25);
        const dispersions = new Float64Array(signals * SCALES.length).fill(0.1);
        return [id, { id, means, dispersions, longestSilences: new Float64Array(24).fill(10), kinds: new Set() }];
      }),
    ),
    kindHours: new Map(),
    deviceDays: 20,
  };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const learnt = learn();
const file = formatBaseline(learnt);

describe('what was written', () => {
  test('is read again as it was rounded', () => {
    const rounded = roundedBaseline(learnt);
    assert.deepEqual(parseBaseline(file, 'file'), rounded);
    assert.deepEqual(roundedBaseline(rounded), rounded);
    assert.deepEqual(formatBaseline(rounded), file);
  });

  test('has window norms if the baseline has', () => {
    const windows = [{ fromMs: FIRST_SLOT * SLOT_MS, deviceId: 'attic', vector: Float64Array.of(3) }];
    const windowNorms = learnWindowNorms(['log_count'], windows);
    const rounded = roundedBaseline({ ...learnt, windowNorms });
    assert.deepEqual(rounded.windowNorms?.features, ['log_count']);
    assert.deepEqual([...(rounded.windowNorms?.devices.keys() ?? [])], ['attic']);
    assert.deepEqual(parseBaseline(formatBaseline(rounded), 'file'), rounded);
    assert.equal(parseBaseline(file, 'file').windowNorms, undefined);
  });

  test('is what was learnt, to four digits', () => {
    const read = parseBaseline(file, 'file');
    const near = (actual: number, expected: number) => Math.abs(actual - expected) <= Math.abs(expected) * 5.1e-4;
    assert.deepEqual([...read.devices.keys()], [...DEVICES]);
    assert.deepEqual(read.kindHours, learnt.kindHours);
    assert.ok(near(read.deviceDays, learnt.deviceDays));
    assert.ok(read.fleetSilences.every((minutes, hour) => near(minutes, learnt.fleetSilences[hour])));
    for (const [id, device] of learnt.devices) {
      const found = read.devices.get(id);
      assert.deepEqual(found?.kinds, device.kinds);
      for (const what of ['means', 'dispersions', 'longestSilences'] as const) {
        assert.equal(found?.[what].length, device[what].length);
        assert.ok(
          device[what].every((value, at) => near(found?.[what][at] ?? 0, value)),
          `${what} of ${id}`,
        );
      }
    }
    for (const [at, signal] of learnt.signals.entries()) {
      const found = read.signals[at];
      assert.equal(found.name, signal.name);
      assert.equal(found.low, signal.low);
      assert.ok(signal.fleetMeans.every((mean, kind) => near(found.fleetMeans[kind], mean)));
      assert.ok(signal.fleetDispersions.every((dispersion, scale) => near(found.fleetDispersions[scale], dispersion)));
      for (const [scale, { slope, knots }] of signal.calibrations.entries()) {
        assert.ok(near(found.calibrations[scale].slope, slope));
        assert.ok(knots.every((knot, rank) => near(found.calibrations[scale].knots[rank], knot)));
      }
    }
  });

  test('scores as the rounded baseline does, to the last digit', () => {
    const detectors = [roundedBaseline(learnt), parseBaseline(file, 'file')].map(
      (of) => new SurpriseDetector(of, findKind),
    );
    const days = DEVICES.map((device, at) => ordinaryDays(device, DAYS, 2, at + 50));
    let told = 0;
    for (let slot = FIRST_SLOT + DAYS * SLOTS_PER_DAY; slot < FIRST_SLOT + (DAYS + 2) * SLOTS_PER_DAY; slot += 1) {
      for (const [at, device] of [...DEVICES, 'stranger'].entries()) {
        const [rounded, read] = detectors.map((of) => of.inspect(slot, device, days[at]?.get(slot) ?? []));
        assert.deepEqual(read, rounded);
        told += read.length;
      }
    }
    assert.ok(told > 100, `${told} reasons`);
  });

  test('is ASCII, whatever devices and programs are called', () => {
    const names = ['Küche', '東京', '\u{1f4e1}', '\ud800', '__proto__', 'constructor', '', '"\\\n\u0000\u2028\u007f'];
    const base = plainBaseline({ signals: 30 });
    const [device] = base.devices.values();
    const odd: Baseline = {
      ...base,
      signals: [
        ...base.signals.slice(0, -names.length),
        ...names.map((name, at) => ({ ...base.signals[20 + at], name })),
      ],
      devices: new Map(names.map((id) => [id, { ...device, id, kinds: new Set(names) }])),
      kindHours: new Map(names.map((name, at) => [name, at + 1])),
    };
    const bytes = formatBaseline(odd);
    assert.ok(bytes.every((byte) => byte < 0x7f));
    const read = parseBaseline(bytes, 'file');
    assert.deepEqual(read, odd);
    assert.deepEqual([...read.devices.keys()], names);
  });

  test('is small: means that are the same take two numbers', () => {
    assert.ok(formatBaseline(plainBaseline({ signals: 1_000, devices: 80 })).length < 800_000);
    assert.ok(file.length < 100_000, `${file.length} bytes`);
  });
});

describe('a baseline that exceeds what a file may have is not written', () => {
  for (const { title, baseline, message } of [
    { title: 'too many signals', baseline: plainBaseline({ signals: MOST_SIGNALS + 1 }), message: /signals: Too big/ },
    {
      title: 'too many places',
      baseline: plainBaseline({ signals: 500, devices: 801 }),
      message: /together 400500; at most/,
    },
    { title: 'a mean of 0', baseline: withMean(0), message: /must be from 1e-15/ },
    { title: 'a mean that is no number', baseline: withMean(Number.NaN), message: /means: expected numbers/ },
  ]) {
    test(title, () => assert.throws(() => formatBaseline(baseline), { name: 'SurpriseError', message }));
  }

  function withMean(mean: number): Baseline {
    const baseline = plainBaseline();
    baseline.devices.get('device 1')?.means.set([mean], 77);
    return baseline;
  }
});

/** The file's JSON, in which something is wrong. */
type Json = Record<PropertyKey, unknown>;
const jsonOf = (bytes: Uint8Array): Json => JSON.parse(textOf(bytes));
const isInside = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** The file with another value at a place such as `devices.0.id`; undefined takes it out. */
function withAt(path: string, change: (old: unknown) => unknown): Uint8Array {
  const json = jsonOf(file);
  const names = path.split('.');
  const last = names.pop() ?? '';
  const inside = names.reduce<Json>((of, name) => (isInside(of[name]) ? of[name] : {}), json);
  inside[last] = change(inside[last]);
  return bytesOf(JSON.stringify(json));
}
const put = (path: string, value: unknown) => withAt(path, () => value);
const listAt = (path: string, change: (list: unknown[]) => unknown[]) =>
  withAt(path, (old) => change(Array.isArray(old) ? old : []));

describe('a file is refused', () => {
  const cases: [title: string, bytes: Uint8Array, message: RegExp][] = [
    ['that is empty', bytesOf(''), /^f\.json is not JSON in UTF-8$/],
    ['that is cut', file.subarray(0, file.length / 2), /is not JSON/],
    ['that is not UTF-8', bytesOf('{"a":"').map((byte) => byte | 0x80), /is not JSON/],
    ['that is too large', new Uint8Array(MAX_BASELINE_BYTES + 1), /has 16777217 bytes; at most 16777216 are read/],
    ['that is a list', bytesOf('[]'), /^f\.json: the whole: .*, got 0 elements$/],
    ['that is null', bytesOf('null'), /^f\.json: the whole: .*, got null$/],
    ['that nests without end', bytesOf('['.repeat(1_000_000)), /is not JSON/],
    ['of a newer Edgewood', put('schema_version', 2), /schema_version: .*, got 2/],
    [
      'of other scales',
      put(
        'scales_minutes',
        SCALES.map(() => 7),
      ),
      /scales_minutes: expected 1, 5, /,
    ],
    ['with a field that is not known', put('extra', 1), /"extra"/],
    ['without devices', put('devices', undefined), /devices: .*, but it is missing/],
    ['of no days', put('device_days', 0), /device_days: .*got 0/],
    ['of endless days', bytesOf(textOf(put('device_days', 77.25)).replace('77.25', '1e999')), /device_days/],
    ['with words for numbers', put('devices.0.means', ['a']), /devices\.0\.means: expected numbers, got 1 elements/],
    [
      'with too few means',
      listAt('devices.1.means', (of) => of.slice(1)),
      /devices\.1\.means must be \d+ numbers, got/,
    ],
    [
      'with too many means',
      listAt('signals.3.means', (of) => [...of, 1]),
      /signals\.3\.means must be 48 numbers, but 1/,
    ],
    ['with a mean of 0', put('signals.3.means', [0, -47]), /signals\.3\.means must be from 1e-15/],
    ['with a dispersion of 0', put('signals.3.dispersions.1', 0), /signals\.3\.dispersions\.1: .*got 0/],
    ['with one of 0 of a device', put('devices.0.dispersions.0', 0), /devices\.0\.dispersions must be from/],
    ['with too few scales', listAt('signals.0.calibrations', (of) => of.slice(1)), /signals\.0\.calibrations/],
    ['with knots that rise', put('signals.0.calibrations.0.knots', [1, 2, 1, 1, 1]), /expected knots that fall/],
    ['with a slope of 0', put('signals.0.calibrations.0.slope', 0), /signals\.0\.calibrations\.0\.slope: .*got 0/],
    ['with silences of 0', put('silences_minutes', [0, -23]), /f\.json: silences_minutes must be from 1/],
    ['with a kind that is not listed', put('devices.0.kinds.0', 999), /devices\.0\.kinds must be below \d+, got 999/],
    ['with a kind before the first', put('devices.0.kinds.0', -1), /devices\.0\.kinds\.0: .*got -1/],
    ['with a kind of no hours', put('kinds.0.hours', 0), /kinds\.0\.hours/],
    ['with a kind twice', listAt('kinds', (of) => [...of, of[0]]), /kinds: ".*" stands twice/],
    ['with a device twice', listAt('devices', (of) => [...of, of[0]]), /devices: "attic" stands twice/],
    ['with a signal twice', put('signals.20.name', 'entries'), /signals: "entries" stands twice/],
    [
      'with the first signals in other places',
      listAt('signals', (of) => of.toReversed()),
      /signals\.0 must be 'entries'/,
    ],
    ['with a name without end', put('devices.0.id', 'x'.repeat(1_001)), /devices\.0\.id/],
    ['with too many signals', put('signals', new Array(MOST_SIGNALS + 1)), /signals: Too big/],
    ['with too many devices', put('devices', new Array(BASELINE_LIMITS.devices + 1)), /devices: Too big/],
  ];
  for (const [title, bytes, message] of cases) {
    test(title, () => {
      assert.throws(
        () => parseBaseline(bytes, 'f.json'),
        (error) => {
          assert.ok(error instanceof SurpriseError, String(error));
          assert.equal(error.code, 'BAD_BASELINE');
          assert.match(error.message, message);
          assert.ok(error.message.length < 400);
          return true;
        },
      );
    });
  }

  test('that asks for gigabytes, before they are taken', () => {
    const { signals, ...of } = jsonOf(formatBaseline(plainBaseline({ signals: 100, devices: 1 })));
    const [device] = Array.isArray(of.devices) ? of.devices : [];
    const devices = Array.from({ length: BASELINE_LIMITS.devices }, (_, at) => ({ ...device, id: `device ${at}` }));
    const bytes = bytesOf(JSON.stringify({ ...of, signals, devices }));
    assert.ok(bytes.length < 2e6);
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => parseBaseline(bytes, 'f.json'), { message: /together 1000000; at most 400000 are allowed/ });
    assert.ok(process.memoryUsage().arrayBuffers - before < 50e6);
  });

  test('that is a million wrong things, soon and in few words', () => {
    for (const element of ['{}', 'null']) {
      for (const field of ['devices', 'signals', 'kinds', 'silences_minutes', 'scales_minutes']) {
        const text = `{"schema_version":1,"${field}":[${new Array(1_000_000).fill(element).join()}]}`;
        assert.throws(
          () => parseBaseline(bytesOf(text), 'f.json'),
          (error) => error instanceof SurpriseError && error.message.length < 400,
        );
      }
    }
  });
});

describe('of a good file that was changed by chance nothing but a SurpriseError comes', () => {
  const small = formatBaseline(plainBaseline({ signals: 16 }));
  const judged = (bytes: Uint8Array) => {
    try {
      const baseline = parseBaseline(bytes, 'f.json');
      const detector = new SurpriseDetector(baseline, findKind);
      const entries = ordinaryDays('attic', 0, 1, 1);
      for (let slot = FIRST_SLOT; slot < FIRST_SLOT + 20; slot += 1) {
        for (const { score } of detector.inspect(slot, 'attic', entries.get(slot) ?? []))
          assert.ok(Number.isFinite(score));
      }
      return true;
    } catch (error) {
      if (error instanceof SurpriseError) return false;
      throw error;
    }
  };

  test('a thousand times in its bytes', () => {
    const random = seededRandom(1);
    let refused = 0;
    for (let round = 0; round < 1_000; round += 1) {
      const bytes = Uint8Array.from(small);
      for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      if (!judged(random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes)) refused += 1;
    }
    assert.ok(refused > 500, `${refused} refused`);
  });

  test('a thousand times in its numbers, names and lists', () => {
    const random = seededRandom(2);
    const values = [
      0,
      -1,
      1,
      0.5,
      -0.5,
      1e-300,
      1e300,
      5e9,
      -48,
      2 ** 53,
      null,
      true,
      '',
      'entries',
      [],
      {},
      [1],
      [[]],
    ];
    let [refused, taken] = [0, 0];
    for (let round = 0; round < 1_000; round += 1) {
      const json = jsonOf(round % 4 === 0 ? file : small);
      let at = json;
      let place = 'devices';
      for (let depth = 0; depth < 6; depth += 1) {
        const places = Object.keys(at);
        place = places[Math.floor(random() * places.length)] ?? '0';
        const inside = at[place];
        if (!isInside(inside) || random() < 0.2) break;
        at = inside;
      }
      const value = values[Math.floor(random() * values.length)];
      if (random() < 0.7) at[place] = value;
      else if (Array.isArray(at)) at.splice(Number(place), Math.floor(random() * 2), value);
      else delete at[place];
      if (judged(bytesOf(JSON.stringify(json)))) taken += 1;
      else refused += 1;
    }
    assert.ok(refused > 400 && taken > 20, `${refused} refused, ${taken} taken`);
  });
});
