import { Arena } from './lib/images/arena.ts';
import { GOODPUT } from './lib/images/bounds.ts';
import { contestants } from './lib/images/contestant.ts';
import { newBytesOf, playRound, type Round } from './lib/images/round.ts';
import { type Scenario, scenarios } from './lib/images/scenarios.ts';
import { isQuick, median, round, runs, table, writeResults } from './lib/results.ts';

/**
 * One image onto every host at once, engines pulling it through Shoal or straight from a registry, contestants taking turns
 * on the same hosts over the same limited cables.
 */
const RUNS = runs(3);
const FLEETS = [
  { hosts: 4, mbit: 100 },
  { hosts: 8, mbit: 50 },
].filter(({ hosts }) => (process.env.BENCH_HOSTS ?? (isQuick ? '4' : '4,8')).split(',').includes(String(hosts)));
const WANTED = process.env.BENCH_SCENARIOS?.split(',');
const TARGETS = { overBound: 1.25, originCopies: 1.02, originGetsOfOne: 1 };

let seeds = 0;

/** Each contestant once, on an image that is new to all. */
async function turn(arena: Arena, scenario: Scenario, mbit: number, run: number): Promise<Map<string, Round>> {
  const repository = `bench/r${seeds++}`;
  const links = scenario.links(arena.cluster.hosts.length, mbit);
  const { known, image } = scenario.images(repository);
  if (known !== undefined) await arena.publish(`${repository}-known`, known);
  await arena.publish(repository, image);
  const newBytes = newBytesOf(image, known);
  const rounds = new Map<string, Round>();
  for (const contestant of run % 2 === 0 ? contestants : contestants.toReversed()) {
    const references = [...(known === undefined ? [] : [`${repository}-known`]), repository].map((name) =>
      contestant.reference(arena.upstream, name),
    );
    await arena.limit(links);
    if (known !== undefined) await arena.pullEverywhere(`${references[0]}:1`);
    const played = await playRound(arena, contestant, {
      ...{ links, repository, image, newBytes },
      apartMs: scenario.apartMs,
    });
    rounds.set(contestant.name, played);
    for (const reference of references) await arena.forget(reference);
    console.error(
      `${arena.cluster.hosts.length} hosts, ${scenario.name}, run ${run + 1} of ${RUNS}: ${contestant.name}`,
      `${played.lastBytesMs} ms, ${played.overBound} x the bound, ${played.originCopies} copies`,
    );
  }
  return rounds;
}

/** The middle of what was measured. */
function medians(rounds: readonly Round[]): Record<string, number> {
  const [first] = rounds;
  const names = Object.entries(first ?? {}).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
  const valuesOf = (name: string) =>
    rounds.map((played) => Number(Object.entries(played).find(([own]) => own === name)?.[1]));
  return Object.fromEntries(names.map((name) => [name, round(median(valuesOf(name)), 3)]));
}

/** What a terminal has room for. */
const SHOWN = ['lastBytesMs', 'lastPulledMs', 'extractPercent', 'overBound', 'originCopies', 'originGetsOfOne'];
const SHOWN_TOO = ['receivedCopies', 'uploadMaxOverMean'];
const shown = (rows: Readonly<Record<string, Readonly<Record<string, number>>>>) =>
  Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      Object.fromEntries([...SHOWN, ...SHOWN_TOO].map((column) => [column, row[column] ?? '-'])),
    ]),
  );

async function measure({ hosts, mbit }: { hosts: number; mbit: number }) {
  const arena = await Arena.up(hosts);
  try {
    const measured = [];
    for (const scenario of scenarios.filter(({ name }) => WANTED?.includes(name) ?? true)) {
      const turns: Map<string, Round>[] = [];
      for (let run = 0; run < RUNS; run++) turns.push(await turn(arena, scenario, mbit, run));
      const all = Object.fromEntries(
        contestants.map(({ name }) => [name, turns.flatMap((rounds) => rounds.get(name) ?? [])]),
      );
      const middle = Object.fromEntries(Object.entries(all).map(([name, rounds]) => [name, medians(rounds)]));
      const ratio = (middle.direct?.lastBytesMs ?? Number.NaN) / (middle.shoal?.lastBytesMs ?? Number.NaN);
      const title = `${hosts} hosts, ${mbit} Mbit/s, ${scenario.name}`;
      table(title, shown(middle));
      measured.push({
        ...{ scenario: scenario.name, hosts, mbit },
        ...{ directOverShoal: round(ratio, 2), medians: middle, all },
      });
    }
    return measured;
  } finally {
    await arena.down();
  }
}

const measured = [];
for (const fleet of FLEETS) measured.push(...(await measure(fleet)));
writeResults('images', { runs: RUNS, goodput: round(GOODPUT, 3), targets: TARGETS, measured });
