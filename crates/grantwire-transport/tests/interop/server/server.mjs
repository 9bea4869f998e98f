// The authorization server for the interop tests: `node server.mjs [OPTIONS-AS-JSON]`.
//
// It listens on a free port of 127.0.0.1, prints one line of JSON when it is ready, and leaves
// when its standard input closes, so that it never outlives the test that started it. Standard
// output carries that line only; complaints go to standard error.

import { createServer } from 'node:http';

if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error(`oidc-provider 9 wants Node 22 or newer; this is ${process.version}`);
  process.exit(1);
}

// The library's advice (do not keep everything in memory, say) is not for a test server.
console.info = () => {};
console.warn = () => {};
console.log = console.error;

const { Provider } = await import('oidc-provider');
const { INITIAL_ACCESS_TOKEN, RESOURCE, configuration } = await import('./configuration.mjs');
const { REDIRECT_URI } = await import('./clients.mjs');
const { isAuthenticationDevice, pickUp } = await import('./authentication_device.mjs');
const { interact, isInteraction } = await import('./interactions.mjs');
const { aliases, listen } = await import('./mutual_tls.mjs');

const options = JSON.parse(process.argv[2] ?? '{}');

const server = createServer();
await new Promise((listening) => {
  server.listen(0, '127.0.0.1', listening);
});

// The issuer names the port, so the provider can only be made once the port is known.
const issuer = `http://127.0.0.1:${server.address().port}`;
const secure = options.mutualTls && (await listen(options.mutualTls));
if (secure) {
  options.discovery = { ...options.discovery, mtls_endpoint_aliases: aliases(secure) };
}
const provider = new Provider(issuer, configuration(options));
provider.on('server_error', (_ctx, error) => console.error(error));
const protocol = provider.callback();

/** How far this server's clock is ahead; `POST /clock?forward=SECONDS` moves it. */
let ahead = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + ahead * 1000;

function forward(request, response) {
  ahead += Number(new URL(request.url, issuer).searchParams.get('forward'));
  response.statusCode = 204;
  response.end();
}

async function answer(request, response) {
  try {
    if (isInteraction(request.url)) {
      await interact(provider, request, response);
    } else if (isAuthenticationDevice(request.url)) {
      await pickUp(request, response);
    } else if (request.url.startsWith('/clock?')) {
      forward(request, response);
    } else {
      await protocol(request, response);
    }
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
}

server.on('request', answer);
secure?.on('request', answer);

process.stdin.resume();
process.stdin.on('close', () => process.exit(0));

process.stdout.write(`${JSON.stringify({
  issuer,
  redirect_uri: REDIRECT_URI,
  resource: RESOURCE,
  initial_access_token: INITIAL_ACCESS_TOKEN,
})}\n`);
