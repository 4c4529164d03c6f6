import { Client, fetchExchange, mapExchange, subscriptionExchange, type Exchange } from '@urql/core';
import { createClient as createSocket, type Client as Socket } from 'graphql-ws';
import { makeCache } from './cache';
import { isUnauthenticated } from './errors';

/** Close codes with which the server refuses or ends a socket whose session is over. */
const SESSION_OVER = [4401, 4403];

function openSocket(onSignedOut: () => void): Socket {
  const { protocol, host } = window.location;
  return createSocket({
    url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql`,
    retryAttempts: 0,
    on: {
      closed: (event) => {
        if (SESSION_OVER.includes((event as CloseEvent).code)) onSignedOut();
      },
    },
  });
}

/** Queries and mutations by HTTP, subscriptions by one socket, which `live.ts` opens again itself. */
function socketExchange(socket: Socket): Exchange {
  return subscriptionExchange({
    forwardSubscription: ({ query = '', variables }) => ({
      subscribe: (sink) => ({
        unsubscribe: socket.subscribe(
          { query, variables },
          { ...sink, next: (value) => sink.next(value as never) },
        ),
      }),
    }),
  });
}

/** @param onSignedOut called when the server says that nobody is signed in (any more). */
export function makeClient(onSignedOut: () => void): Client {
  const watchSession = mapExchange({
    onResult({ error }) {
      if (error && isUnauthenticated(error)) onSignedOut();
    },
  });
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: { headers: { accept: 'application/graphql-response+json, application/json;q=0.9' } },
    exchanges: [watchSession, makeCache(), fetchExchange, socketExchange(openSocket(onSignedOut))],
  });
}
