// Mutual TLS: a second door to the same server, over https, that asks for the client's certificate.
//
// It is announced by `mtls_endpoint_aliases`, and exists when a test gives it a certificate:
//   key          its private key, in PEM
//   certificate  its certificate
//   authority    the certificate that vouches for clients with `tls_client_auth`

import { createServer } from 'node:https';

const ALIASES = {
  backchannel_authentication_endpoint: '/backchannel',
  device_authorization_endpoint: '/device/auth',
  introspection_endpoint: '/token/introspection',
  pushed_authorization_request_endpoint: '/request',
  revocation_endpoint: '/token/revocation',
  token_endpoint: '/token',
  userinfo_endpoint: '/me',
};

/** The certificate that the connection presented, if it is such a connection. */
const certificateOf = (ctx) => ctx.req.socket.getPeerX509Certificate?.();

export const mutualTls = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: certificateOf,
  certificateAuthorized: (ctx) => ctx.req.socket.authorized,
  certificateSubjectMatches: (ctx, property, expected) =>
    property === 'tls_client_auth_san_dns'
      && certificateOf(ctx).subjectAltName === `DNS:${expected}`,
};

/** Listens; a certificate that nobody vouches for is let in, and judged by the provider. */
export async function listen({ key, certificate, authority }) {
  const server = createServer({
    key,
    cert: certificate,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false,
  });
  await new Promise((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return server;
}

/** The endpoints, as this door has them. */
export function aliases(server) {
  const origin = `https://127.0.0.1:${server.address().port}`;
  return Object.fromEntries(Object.entries(ALIASES).map(([name, path]) => [name, origin + path]));
}
