// The vendor's JavaScript client: one task from its creation to its stop, and a JSON line of it.
// Told nothing but where the API is, and a key in `BROWSER_USE_API_KEY`.

const { BrowserUse, BrowserUseError } = require("browser-use-sdk");

async function main() {
  const { tasks } = new BrowserUse({ baseUrl: process.env.BASE_URL });
  const created = await tasks.create({ task: "simulate:endless", metadata: { team: "tests" } });
  return {
    create: created,
    get: await tasks.get(created.id),
    status: await tasks.status(created.id),
    list: await tasks.list({ pageSize: 5 }),
    stop: await tasks.stop(created.id),
  };
}

main()
  .catch((error) => {
    if (!(error instanceof BrowserUseError)) throw error;
    return { refused: error.statusCode, said: error.message };
  })
  .then((told) => console.log(JSON.stringify(told)));
