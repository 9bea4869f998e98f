// How the server behaves: every feature it has that the tests need, each as strict as it goes.
//
// `options` is what the test asked for when it started the server:
//   ttl           seconds by model name, such as { "AuthorizationCode": 1 }
//   dpopNonce     true makes every DPoP proof carry a nonce the server gave out
//   accessTokens  "jwt" for structured access tokens at https://api.example/
//   discovery     members to add to the metadata
//   notifications where a test listens for the pings of CIBA
//   attestation   whom to believe about client instances: `{ attester, signal }`, the attester's
//                 public JWK, and "optional" or "required" for attestations beside other methods
//   registration  "open" lets everybody register a client, without a token
//   mutualTls     keys for a second door over https; `mutual_tls.mjs` lists them
//   clients       clients beside those of the table, as registered

import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { errors } from 'oidc-provider';

import { accountOf, ask, pingTo } from './authentication_device.mjs';
import { clients, lenient } from './clients.mjs';
import { interactionUrl } from './interactions.mjs';
import { mutualTls } from './mutual_tls.mjs';

export const RESOURCE = 'https://api.example/';
export const INITIAL_ACCESS_TOKEN = 'test-only-initial-access-token';
const API_SCOPES = ['api:read', 'api:write'];

const SIGNING = [
  'HS256', 'HS384', 'HS512',
  'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512',
  'EdDSA', 'Ed25519',
];
const ASYMMETRIC = SIGNING.filter((alg) => !alg.startsWith('HS'));

/** What RFC 7523 and its current revision ask for, beyond what the library checks by itself. */
function assertClientAssertion(ctx, claims, header, client) {
  if (lenient.has(client.clientId)) return;
  const refuse = (why) => {
    throw new errors.InvalidClientAuth(why);
  };
  if (claims.aud !== ctx.oidc.issuer) refuse('aud must be the issuer, as one string');
  if (claims.sub !== claims.iss) refuse('sub must be iss');
  if (header.typ !== 'client-authentication+jwt') refuse('typ must be client-authentication+jwt');
  if (!Number.isInteger(claims.iat)) refuse('iat must be a whole number');
  if (!Number.isInteger(claims.exp)) refuse('exp must be a whole number');
  if (claims.exp - claims.iat > 300) refuse('exp must be at most 300 seconds after iat');
}

/** What RFC 9101 recommends or FAPI asks for. A pushed request without a signature is the library's. */
function assertRequestObject(ctx, claims, header) {
  if (header.alg === 'none') return;
  const refuse = (why) => {
    throw new errors.InvalidRequestObject(why);
  };
  if (header.typ !== 'oauth-authz-req+jwt') refuse('typ must be oauth-authz-req+jwt');
  if (claims.aud !== ctx.oidc.issuer) refuse('aud must be the issuer, as one string');
  if (ctx.oidc.route === 'backchannel_authentication') {
    if (claims.nbf !== claims.iat) refuse('nbf must be iat');
  } else if (claims.client_id !== claims.iss) refuse('client_id must be iss');
  if (typeof claims.jti !== 'string') refuse('jti must be there');
  if (!Number.isInteger(claims.iat)) refuse('iat must be a whole number');
  if (!Number.isInteger(claims.exp)) refuse('exp must be a whole number');
  if (claims.exp - claims.iat > 3600) refuse('exp must be at most an hour after iat');
}

/** Attestation-based client authentication, which the library calls experimental. */
function attestation(options) {
  if (!options) return { enabled: false, additionalSecuritySignal: false };
  const attester = createPublicKey({ key: options.attester, format: 'jwk' });
  return {
    enabled: true,
    ack: 'draft-12',
    additionalSecuritySignal: options.signal ?? false,
    challengeSecret: randomBytes(32),
    getAttestationSignaturePublicKey: () => attester,
    assertAttestationJwtAndPop: () => {},
  };
}

function features(options) {
  return {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    // A resource server may look into every token, anybody else into their own.
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) =>
        client.clientId === 'resource-server' || client.clientId === token.clientId,
    },
    jwtIntrospection: { enabled: true },
    jwtUserinfo: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
    ciba: {
      enabled: true,
      deliveryModes: ['poll', 'ping'],
      processLoginHint: accountOf,
      processLoginHintToken: (_ctx, token) => accountOf(_ctx, token.replace(/^token-of-/, '')),
      validateRequestContext: () => {},
      verifyUserCode: (_ctx, _account, code) => {
        if (code !== undefined && code !== '1234') throw new errors.InvalidUserCode('not that one');
      },
      triggerAuthenticationDevice: ask,
    },
    attestClientAuth: attestation(options.attestation),
    mTLS: options.mutualTls ? mutualTls : { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true, assertJwtClaimsAndHeader: assertRequestObject },
    registration: {
      enabled: true,
      initialAccessToken: options.registration === 'open' ? false : INITIAL_ACCESS_TOKEN,
    },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    dPoP: {
      enabled: true,
      nonceSecret: randomBytes(32),
      requireNonce: () => options.dpopNonce === true,
    },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => {
        if (resource !== RESOURCE) throw new errors.InvalidTarget();
        return {
          scope: API_SCOPES.join(' '),
          audience: RESOURCE,
          accessTokenFormat: options.accessTokens === 'jwt' ? 'jwt' : 'opaque',
          jwt: { sign: { alg: 'ES256' } },
        };
      },
    },
    richAuthorizationRequests: {
      enabled: true,
      types: {
        payment: {
          validate: (_ctx, detail) => {
            if (!Array.isArray(detail.actions)) {
              throw new errors.InvalidAuthorizationDetails('actions must be an array');
            }
          },
        },
      },
      authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant.rar,
      authorizationDetailsForAccessToken: (ctx, _token, source) => {
        const { authorization_details: asked } = ctx.oidc.params;
        return asked === undefined ? source?.rar : JSON.parse(asked);
      },
      authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
    },
  };
}

/** The provider's configuration for one run. */
export function configuration(options) {
  const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return {
    clients: [...clients, ...(options.clients ?? [])],
    clientDefaults: {
      id_token_signed_response_alg: 'ES256',
      introspection_signed_response_alg: 'ES256',
      authorization_details_types: ['payment'],
    },
    jwks: { keys: [{ ...signing.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'offline_access', ...API_SCOPES],
    claims: { openid: ['sub'], profile: ['name'] },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: accountId }),
    }),
    interactions: { url: interactionUrl },
    discovery: options.discovery,
    fetch: pingTo(options.notifications),
    features: features(options),
    clientAuthMethods: [
      'none', 'client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt',
      ...(options.attestation ? ['attest_jwt_client_auth', 'attest_jwt_client_auth_dpop'] : []),
      ...(options.mutualTls ? ['self_signed_tls_client_auth', 'tls_client_auth'] : []),
    ],
    enabledJWA: {
      clientAuthSigningAlgValues: SIGNING,
      requestObjectSigningAlgValues: SIGNING,
      dPoPSigningAlgValues: ASYMMETRIC,
    },
    // Strict where the library leaves a choice.
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: 0,
    assertJwtClientAuthClaimsAndHeader: assertClientAssertion,
    // Every refresh rotates, and a used refresh token takes its whole grant with it.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      BackchannelAuthenticationRequest: (ctx) => Number(ctx.oidc.params.requested_expiry ?? 120),
      ClientCredentials: 300,
      DeviceCode: 120,
      Grant: 3600,
      IdToken: 300,
      Interaction: 300,
      RefreshToken: 3600,
      Session: 3600,
      ...options.ttl,
    },
  };
}
