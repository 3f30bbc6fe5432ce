import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { budgetPerDeviceAndWeek, DEFAULT_ALERT_BUDGET, formatAlertBudget, parseAlertBudget } from './alert-budget.ts';

describe('an alert budget', () => {
  test('is a number of episodes, of each device or of all, a day or a week', () => {
    const cases: [string, number][] = [
      ['1/device/week', 1],
      ['2/device/day', 14],
      ['0.5/device/week', 0.5],
      ['10/week', 2.5],
      ['4/day', 7],
      [' 1/device/week ', 1],
    ];
    for (const [text, perDeviceAndWeek] of cases) {
      const budget = parseAlertBudget(text);
      assert.ok(budget, text);
      assert.equal(budgetPerDeviceAndWeek(budget, 4), perDeviceAndWeek, text);
      assert.equal(formatAlertBudget(budget), text.trim());
    }
  });

  test('is nothing else', () => {
    const texts = ['', '1', '1/device', '1/week/device', '1/devices/week', '-1/device/week', '1e3/device/week'];
    const values = ['0/device/week', '0.0001/device/week', '2000/device/week', 'NaN/week', '1/device/month', '1/ week'];
    for (const text of [...texts, ...values]) assert.equal(parseAlertBudget(text), undefined, text);
  });

  test('is one a device and week unless told otherwise', () => {
    assert.equal(formatAlertBudget(DEFAULT_ALERT_BUDGET), '1/device/week');
  });
});
