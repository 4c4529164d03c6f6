import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  todayIn,
  formatDate,
  formatDue,
  formatDuration,
  formatMoment,
  formatStamp,
} from './dates';

const now = new Date(2026, 10, 18, 14, 2, 0);
const before = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const local = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

describe('formatDate', () => {
  it('refuses what is no date', () => {
    for (const wrong of ['', '2026-13-01', '18.11.2026', '2026-11-18T00:00:00Z'])
      expect(() => formatDate(wrong)).toThrow(RangeError);
  });

  it('says the day that the bank printed, whatever the zone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 2099 }), fc.integer({ min: 1, max: 28 }), (year, day) => {
        const text = formatDate(`${year}-03-${String(day).padStart(2, '0')}`);
        expect(text).toBe(`${day} Mar ${year}`);
      }),
      { numRuns: 100 },
    );
  });
});

describe('formatAgo', () => {
  it.each([
    [before(20_000), 'just now'],
    [before(4 * 60_000), '4 min ago'],
    [before(3 * 3_600_000), '3 h ago'],
    [before(5 * 86_400_000), '5 d ago'],
    [local(2026, 9, 2, 9, 0), '2 Oct'],
    [local(2025, 9, 2, 9, 0), '2 Oct 2025'],
  ])('%s is %s', (moment, text) => {
    expect(formatAgo(moment, now)).toBe(text);
  });
});

describe('formatDue', () => {
  it.each([
    [before(1), 'due now'],
    [local(2026, 10, 18, 18, 40), 'Today 18:40'],
    [local(2026, 10, 19, 0, 5), 'Tomorrow 00:05'],
    [local(2026, 10, 25, 6, 0), '25 Nov 06:00'],
    [local(2027, 0, 2, 6, 0), '2 Jan 2027 06:00'],
  ])('%s is %s', (moment, text) => {
    expect(formatDue(moment, now)).toBe(text);
  });
});

describe('formatMoment', () => {
  it('gives day, time and zone', () => {
    expect(formatMoment(local(2026, 10, 18, 14, 2))).toMatch(/^18 Nov 2026, 14:02:00 \S+/);
  });
});

describe('formatStamp', () => {
  it.each([
    [local(2026, 10, 12, 14, 5), '12 Nov 14:05'],
    [local(2025, 10, 12, 14, 5), '12 Nov 2025 14:05'],
  ])('%s is %s', (moment, text) => {
    expect(formatStamp(moment, now)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [800, '0.8 s'],
    [42_000, '42 s'],
    [185_000, '3 min 5 s'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(formatDuration(before(milliseconds), now.toISOString())).toBe(text);
  });
});

describe('todayIn', () => {
  const late = new Date('2026-12-31T23:30:00Z');

  it.each([
    ['UTC', '2026-12-31'],
    ['Europe/Berlin', '2027-01-01'],
    ['America/New_York', '2026-12-31'],
  ])('is the day of the books’ own zone: %s', (zone, day) => {
    expect(todayIn(zone, late)).toBe(day);
  });
});
