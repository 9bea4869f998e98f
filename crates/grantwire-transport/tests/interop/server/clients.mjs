// The clients the server knows, read from the table the Rust side reads too.
//
// A row is client metadata as registered (RFC 7591 §2), with two members of our own:
// `key` names the file in ../keys whose public half is registered, and `lenient_assertion`
// turns the strict assertion check off for that client.

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const REDIRECT_URI = 'https://client.example/callback';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

function publicHalf(name) {
  const { kid, use, alg, ...jwk } = read(`../keys/${name}.json`);
  const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
  return { kid, use, alg, ...key };
}

const table = Object.values(read('../clients.json'));

/** The ids whose assertions are checked only as far as the library does by itself. */
export const lenient = new Set(
  table.filter((row) => row.lenient_assertion).map((row) => row.client_id),
);

export const clients = table.map(({ key, lenient_assertion: _, ...metadata }) => ({
  redirect_uris: [REDIRECT_URI],
  response_types: ['code'],
  ...metadata,
  ...(key ? { jwks: { keys: [publicHalf(key)] } } : undefined),
}));
