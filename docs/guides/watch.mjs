// Watches a run: node watch.mjs 'ADDRESS' 'PROMPT', with the address that `inferno visualize` prints.
import process from "node:process";
const [address, prompt = "Once upon a time"] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${address.split("=")[1]}`, "Content-Type": "application/json" };
const body = JSON.stringify({ prompt, maxTokens: 16, top: 4 });
const answer = await fetch(new URL("/api/generate", address), { method: "POST", headers, body });
const { run, error } = await answer.json();

async function* events() {
  for (let id = ""; ; ) { // once for each connection: an id says what came before it broke
    const { body } = await fetch(new URL("/api/events", address), { headers: { "Last-Event-ID": id } });
    try {
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

const show = ({ token, probability }) => `${JSON.stringify(token.text)} ${(100 * probability).toFixed(2)} %`;
const end = (message) => { if (message) console.error(message); process.exit(message ? 1 : 0); };
if (error) end(error);
for await (const { type, data } of events()) {
  if (data.run === run && type === "step" && data.sampling) {
    const { candidates, selection } = data.sampling;
    const isChosen = ({ token }) => token.id === selection.token.id;
    const others = candidates.filter((candidate) => !isChosen(candidate)).slice(0, 3);
    console.log(`${show(candidates.find(isChosen))} rather than ${others.map(show).join(", ")}`);
  } else if (data.run === run && type === "run-end") end(data.message);
}
