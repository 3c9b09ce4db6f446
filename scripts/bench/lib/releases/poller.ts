import { get } from 'node:http';
import { createInterface } from 'node:readline';

/**
 * A client of apps, run inside one host's network. On standard input it is told where apps are: a line of JSON, app name to
 * `host:port`s. Twenty times a second it asks each app once, a second endpoint when the first does not answer. At the end of its
 * input it prints what came of it, by app.
 */
const EVERY_MS = 50;
const TIMEOUT_MS = 1_000;

interface Tally {
  requests: number;
  failed: number;
}

let places: Readonly<Record<string, readonly string[]>> = {};
const tallies: Record<string, Tally> = {};
let turn = 0;
let underWay = 0;
let isOver = false;

function answers(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`http://${endpoint}/`, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

async function ask(app: string, endpoints: readonly string[]): Promise<void> {
  const tally = tallies[app] ?? { requests: 0, failed: 0 };
  tallies[app] = tally;
  const [first, second] = [endpoints[turn % endpoints.length], endpoints[(turn + 1) % endpoints.length]];
  tally.requests += 1;
  const isGood =
    (first !== undefined && (await answers(first))) ||
    (second !== undefined && second !== first && (await answers(second)));
  if (!isGood) tally.failed += 1;
}

function finish(): void {
  if (!isOver || underWay > 0) return;
  clearInterval(timer);
  console.log(JSON.stringify(tallies));
}

const timer = setInterval(() => {
  if (isOver) return finish();
  turn += 1;
  for (const [app, endpoints] of Object.entries(places)) {
    underWay += 1;
    void ask(app, endpoints).finally(() => {
      underWay -= 1;
      finish();
    });
  }
}, EVERY_MS);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  places = JSON.parse(line);
});
lines.on('close', () => {
  isOver = true;
  finish();
});
