// The vendor's JavaScript signer: a line `body secret timestamp` in hexadecimal, a signature in
// return. Answers `!` where JavaScript cannot read the body.

const readline = require("readline");
const { createWebhookSignature } = require("browser-use-sdk");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const words = line.split(" ").map((word) => Buffer.from(word, "hex").toString("utf8"));
  const [text, secret, timestamp] = words;
  let answer = "!";
  try {
    const body = JSON.parse(text);
    answer = createWebhookSignature({ body, timestamp, secret });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  process.stdout.write(`${answer}\n`);
});
