import { cacheExchange, type Cache, type CacheExchangeOpts } from '@urql/exchange-graphcache';
import type {
  DeleteBankAccountsMutation,
  HideBankAccountMutation,
  OrganizationChangedSubscription,
} from './generated/operations';
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

type Deleted = Pick<DeleteBankAccountsMutation['deleteBankAccounts'], 'deletion'>;

/** Every page of this list is read anew when it is shown. */
function forgetLists(field: string, cache: Cache): void {
  for (const { fieldName, arguments: args } of cache.inspectFields('Query'))
    if (fieldName === field) cache.invalidate('Query', fieldName, args);
}

/** What a receipt names is gone, before the server tells of it. */
function forgetDeleted(payload: unknown, cache: Cache): void {
  const { deletion } = payload as Deleted;
  for (const { bankAccountId: id } of deletion?.accounts ?? [])
    cache.invalidate({ __typename: 'BankAccount', id });
  if (deletion) forgetLists('deletions', cache);
}

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
    Mutation: {
      hideBankAccount(result, _, cache) {
        const { hiddenId: id } = result.hideBankAccount as HideBankAccountMutation['hideBankAccount'];
        if (id) cache.invalidate({ __typename: 'BankAccount', id });
      },
      answerAccountQuestion: (_, __, cache) => forgetLists('accountQuestions', cache),
      deleteBankAccounts: (result, _, cache) => forgetDeleted(result.deleteBankAccounts, cache),
      deleteBankLink: (result, _, cache) => forgetDeleted(result.deleteBankLink, cache),
    },
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
