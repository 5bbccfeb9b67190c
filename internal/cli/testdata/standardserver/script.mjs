// A standard OAuth 2 server on Workfront's paths. The arguments are the redirect URL and a client secret; it prints its own
// URL and runs until stdin ends.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [redirect, secret] = process.argv.slice(2);
const application = {
  application_type: "native",
  redirect_uris: [redirect],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [
      { ...application, client_id: "public", token_endpoint_auth_method: "none" },
      { ...application, client_id: "confidential", client_secret: secret, token_endpoint_auth_method: "client_secret_post" },
    ],
    routes: {
      authorization: "/integrations/oauth2/authorize",
      token: "/integrations/oauth2/api/v1/token",
      revocation: "/integrations/oauth2/api/v1/revoke",
    },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    cookies: { keys: [secret] },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { AccessToken: 3600, RefreshToken: 86400, Grant: 86400, Session: 3600, Interaction: 3600 },
  });
  const answer = provider.callback();
  server.on("request", (request, response) => {
    // Workfront has no scopes, and this server wants one.
    if (request.url.startsWith("/integrations/oauth2/authorize?")) request.url += "&scope=openid";
    answer(request, response);
  });
  console.log(url);
});
process.stdin.on("end", () => process.exit()).resume();
