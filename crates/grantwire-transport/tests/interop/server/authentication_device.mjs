// The authentication device of CIBA, and the client's notification endpoint as this server sees it.
//
// The account name says what its owner does: `mallory` refuses, `nobody` leaves the device lying
// until a test picks it up, everybody else says yes at once. `stranger` has no account.
//
//   GET  /authentication-device           what the device shows, one member a request
//   POST /authentication-device?say=yes   its owner answers everything shown; `no` refuses

import { errors } from 'oidc-provider';

import { REFUSES } from './interactions.mjs';

/** Where clients in ping mode say that they listen. The library wants https here. */
const NOTIFICATIONS = 'https://client.example/ciba-notifications';

const PATH = '/authentication-device';

/** What waits for somebody to pick the device up. */
const shown = [];

export const isAuthenticationDevice = (path) => path.split('?')[0] === PATH;

/** A hint names its account; there is one that nobody has. */
export const accountOf = (_ctx, hint) => (hint === 'stranger' ? undefined : hint);

async function answer({ provider, request, account, client }, yes) {
  if (!yes) {
    return provider.backchannelResult(request, new errors.AccessDenied('the person said no'));
  }
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope(request.scope);
  await grant.save();
  return provider.backchannelResult(request, grant, { acr: 'device' });
}

/** The server asks the person. */
export async function ask(ctx, request, account, client) {
  const asked = { provider: ctx.oidc.provider, request, account, client };
  if (account.accountId === 'nobody') {
    shown.push(asked);
  } else {
    await answer(asked, account.accountId !== REFUSES);
  }
}

/** Answers one request to the device itself. */
export async function pickUp(request, response) {
  if (request.method === 'POST') {
    const yes = request.url.endsWith('?say=yes');
    for (const asked of shown.splice(0)) await answer(asked, yes);
    response.statusCode = 204;
    response.end();
    return;
  }
  const screen = shown.map(({ request: { params, scope }, client }) => ({
    client: client.clientId,
    scope,
    binding_message: params.binding_message,
  }));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(screen));
}

/** The library's own `fetch`, which only ever pings a client: to where a test listens. */
export const pingTo = (listener) => (url, { dispatcher: _, ...options }) => {
  if (url !== NOTIFICATIONS || !listener) throw new Error(`nothing is to be fetched from ${url}`);
  return fetch(listener, options);
};
