// The person at the browser: says yes to everything, unless the login hint says otherwise.
//
// There is no page. The authorization endpoint redirects to /interaction/UID, this answers it at
// once, and the redirects lead on to the client's redirect URI. `login_hint` picks the account;
// the account `mallory` refuses.

/** Who refuses, in the browser and on the authentication device. */
export const REFUSES = 'mallory';

export const interactionUrl = (_ctx, interaction) => `/interaction/${interaction.uid}`;

export const isInteraction = (path) => path.startsWith('/interaction/');

/** Adds to the grant what the prompt says is missing, and saves it. */
async function consent(provider, { grantId, session, params, prompt: { details } }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (details.missingOIDCScope) grant.addOIDCScope(details.missingOIDCScope.join(' '));
  if (details.missingOIDCClaims) grant.addOIDCClaims(details.missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(details.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  for (const detail of details.rar ?? []) grant.addRar(detail);
  return grant.save();
}

async function decide(provider, interaction) {
  const accountId = interaction.params.login_hint ?? 'alice';
  if (accountId === REFUSES) {
    return { error: 'access_denied', error_description: 'the person said no' };
  }
  switch (interaction.prompt.name) {
    case 'login':
      return { login: { accountId } };
    case 'consent':
      return { consent: { grantId: await consent(provider, interaction) } };
    default:
      throw new Error(`no answer to the prompt ${interaction.prompt.name}`);
  }
}

/** Answers one request to the interaction URL. */
export async function interact(provider, request, response) {
  const interaction = await provider.interactionDetails(request, response);
  const result = await decide(provider, interaction);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}
