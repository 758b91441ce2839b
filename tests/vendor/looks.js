// The vendor's JavaScript clients of v3 and v4: what there is, looked at, and a JSON line of it.
// Told nothing but where the API is, and a key in `BROWSER_USE_API_KEY`.

const { BrowserUse: V3 } = require("browser-use-sdk/v3");
const { BrowserUse: V4 } = require("browser-use-sdk/v4");

async function main() {
  const base = process.env.BASE_URL;
  const { sessions } = new V3({ baseUrl: `${base}/v3` });
  const { runs } = new V4({ baseUrl: `${base}/v4` });
  const session = (await sessions.list({ page_size: 5 })).sessions[0];
  const run = (await runs.list({ limit: 5 })).runs[0];
  return {
    session: await sessions.get(session.id),
    run: await runs.get(run.id),
    status: await runs.status(run.id),
  };
}

main().then((told) => console.log(JSON.stringify(told)));
