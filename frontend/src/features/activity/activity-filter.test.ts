import { describe, expect, it } from 'vitest';
import { toVariables, type ActivityFilter } from './activity-filter';

const NOTHING: ActivityFilter = { q: '', by: '', about: '', object: '', from: '', to: '' };

describe('toVariables', () => {
  it('asks for everything when nothing is chosen', () => {
    expect(toVariables(NOTHING, 'u1')).toEqual({ first: 50, search: null, where: null });
  });

  it('takes both days of a range whole', () => {
    const { where } = toVariables({ ...NOTHING, from: '2026-11-01', to: '2026-11-30' }, 'u1');
    expect(where).toEqual({
      and: [
        { happenedAt: { gte: new Date('2026-11-01T00:00:00').toISOString() } },
        { happenedAt: { lt: new Date('2026-12-01T00:00:00').toISOString() } },
      ],
    });
  });

  it('knows the viewer, the product, a type and one object', () => {
    expect(toVariables({ ...NOTHING, by: 'me', about: 'JournalEntry' }, 'u1').where).toEqual({
      and: [{ actor: { eq: 'u1' } }, { objectType: { eq: 'JournalEntry' } }],
    });
    expect(toVariables({ ...NOTHING, by: 'product', object: 'o1', q: ' book ' }, 'u1')).toEqual({
      first: 50,
      search: 'book',
      where: { and: [{ actor: { isNull: true } }, { objectId: { eq: 'o1' } }] },
    });
  });
});
