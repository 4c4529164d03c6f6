import { cacheExchange, type CacheExchangeOpts } from '@urql/exchange-graphcache';
import type { OrganizationChangedSubscription } from './generated/operations';
import outline from './generated/schema-outline.json';

/**
 * Objects without an identity of their own are kept inside the object that holds them; so is a
 * change, whose `id` is that of the object that changed, and a suggestion, whose `id` says what it
 * proposes, not for which line.
 */
const EMBEDDED = [
  'Change',
  'Suggestion',
  ...outline.__schema.types
    .filter(({ kind, fields }) => kind === 'OBJECT' && !fields?.some(({ name }) => name === 'id'))
    .map(({ name }) => name),
];

/** The type of the object that a change is about: BANK_ACCOUNT → BankAccount. */
const typeName = (changeType: string) =>
  changeType.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const options: CacheExchangeOpts = {
  schema: outline,
  keys: Object.fromEntries(EMBEDDED.map((name) => [name, () => null])),
  resolvers: {
    Query: {
      bankAccount: (_, { id }) => ({ __typename: 'BankAccount', id: id as string }),
      bankTransaction: (_, { id }) => ({ __typename: 'BankTransaction', id: id as string }),
    },
  },
  updates: {
    Subscription: {
      organizationChanged(result, _, cache) {
        const event = (result as unknown as OrganizationChangedSubscription).organizationChanged;
        if (event.__typename !== 'ChangesEvent') return;
        for (const { type, id, kind } of event.changes)
          if (kind === 'GONE') cache.invalidate({ __typename: typeName(type), id });
      },
    },
  },
  optimistic: {
    updateBankAccount({ input }, cache) {
      const { bankAccountId, expectedRevision, name, memo } = input as Record<string, string | null>;
      const known = { __typename: 'BankAccount', id: bankAccountId ?? null };
      const bankName = cache.resolve(known, 'bankName') as string;
      const bankAccount = { ...known, name, memo, bankName, revision: expectedRevision };
      return { __typename: 'UpdateBankAccountPayload', bankAccount, errors: [] };
    },
  },
};

/** The normalised cache: one copy of each object, so a change repaints every place that shows it. */
export const makeCache = () => cacheExchange(options);
