// The form of the vendor's npm package by JavaScript itself: one body in hexadecimal a line, one
// answer a line, which is the form in hexadecimal, or `!` where JavaScript refuses.

const readline = require("readline");

function print(value) {
  if (typeof value === "number") return isFinite(value) ? String(value) : "null";
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${print(value[key])}`).join(",")}}`;
}

// It fails on bytes that are not UTF-8, and takes a byte order mark away.
const utf8 = new TextDecoder("utf-8", { fatal: true });

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  let answer = "!";
  try {
    const body = JSON.parse(utf8.decode(Buffer.from(line, "hex")));
    answer = Buffer.from(print(body), "utf8").toString("hex");
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  process.stdout.write(`${answer}\n`);
});
