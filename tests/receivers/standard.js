// The same as `standard.py`, with the library of npm.

const readline = require("node:readline");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { secret, headers, body } = JSON.parse(line);
  const format = secret.startsWith("whsec_") ? undefined : "raw";
  let answer = true;
  try {
    new Webhook(secret, { format }).verify(body, headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    answer = error.message;
  }
  console.log(JSON.stringify(answer));
});
