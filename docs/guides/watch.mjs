// Watches a run: node watch.mjs 'ADDRESS' 'PROMPT', with the address that `inferno visualize` prints.
import process from "node:process";
const end = (message) => { if (message) console.error(message); process.exit(message ? 1 : 0); };
const [address = "", prompt = "Once upon a time"] = process.argv.slice(2);
if (!URL.canParse(address)) end("usage: node watch.mjs 'http://127.0.0.1:PORT/#token=TOKEN' ['PROMPT']");
const headers = { Authorization: `Bearer ${address.split("=")[1]}`, "Content-Type": "application/json" };
const body = JSON.stringify({ prompt, maxTokens: 16, top: 4 });
const request = (path, options) => fetch(new URL(path, address), options);
const answer = await request("/api/generate", { method: "POST", headers, body })
  .catch(() => end(`there is no server at ${new URL(address).origin}`));
const { run, error } = await answer.json();

async function* events() {
  for (let id = ""; ; await new Promise((later) => setTimeout(later, 500))) { // once for each connection
    try {
      const { body } = await request("/api/events", { headers: { "Last-Event-ID": id } }); // goes on behind it
      let text = ""; // ends in the middle of an event
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (text + chunk).split("\n\n");
        text = blocks.pop();
        for (const block of blocks) {
          const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/)));
          id = fields.id ?? id;
          if (fields.data) yield { type: fields.event, data: JSON.parse(fields.data) };
        }
      }
    } catch (broken) { if (!(broken instanceof TypeError)) throw broken; }
  }
}

let epoch; // of the server: after a restart it knows nothing of the run
const show = ({ token, probability }) => `${JSON.stringify(token.text)} ${(100 * probability).toFixed(2)} %`;
if (error) end(error);
for await (const { type, data } of events()) {
  if (type === "hello" && (epoch ??= data.epoch) !== data.epoch) end("the server was started anew");
  if (data.run === run && type === "step" && data.sampling) {
    const { candidates, selection } = data.sampling;
    const isChosen = ({ token }) => token.id === selection.token.id;
    const others = candidates.filter((candidate) => !isChosen(candidate)).slice(0, 3);
    console.log(`${show(candidates.find(isChosen))} rather than ${others.map(show).join(", ")}`);
  } else if (data.run === run && type === "run-end") end(data.message);
}
