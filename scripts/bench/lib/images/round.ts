import { setTimeout as delay } from 'node:timers/promises';
import { type Image, imageBytes } from '../../../../test/framework/random-image.ts';
import { blobTraffic } from '../../../../test/framework/upstream.ts';
import { cable } from '../agent-process.ts';
import { idleShare, median, quiet, round } from '../results.ts';
import type { Arena } from './arena.ts';
import { boundsOf, type Links } from './bounds.ts';
import type { Contestant } from './contestant.ts';
import { type PullTimes, pullWithEngine } from './engine-pull.ts';

/** What happens in a round, whoever the contestant is. */
export interface Plan {
  readonly links: Links;
  readonly repository: string;
  readonly image: Image;
  /** What is new to the hosts of it. */
  readonly newBytes: number;
  /** Between the pulls of two hosts; 0: all at once. */
  readonly apartMs: number;
}

/** The image of one plan is pulled by all hosts. Milliseconds since the first pull was asked for. */
export async function playRound(arena: Arena, contestant: Contestant, plan: Plan) {
  const { hosts } = arena.cluster;
  const reference = `${contestant.reference(arena.upstream, plan.repository)}:1`;
  await quiet();
  const known = (await arena.upstream.requests()).length;
  const before = arena.pids.map(cable);
  const originBefore = cable(arena.originPid);
  const idle = idleShare();
  const pulls = await Promise.all(
    hosts.map(async (host, index) => {
      await delay(index * plan.apartMs);
      return pullWithEngine(host, reference);
    }),
  );
  const idlePercent = round(idle() * 100);
  const cables = arena.pids.map(cable).map((after, index) => ({
    sentBytes: after.sentBytes - (before[index]?.sentBytes ?? 0),
    receivedBytes: after.receivedBytes - (before[index]?.receivedBytes ?? 0),
  }));
  const traffic = [...blobTraffic((await arena.upstream.requests()).slice(known)).values()];
  return {
    ...timesOf(pulls, plan),
    ...originOf(traffic, plan),
    originWireBytes: cable(arena.originPid).sentBytes - originBefore.sentBytes,
    ...spentOf(cables, plan.newBytes),
    idlePercent,
    cables,
    pulls: pulls.map(({ startedMs, downloadedMs, pulledMs }) => ({
      waitedMs: round(startedMs - startOf(pulls)),
      downloadMs: round(downloadedMs - startedMs),
      pullMs: round(pulledMs - startedMs),
    })),
  };
}

export type Round = Awaited<ReturnType<typeof playRound>>;

const startOf = (pulls: readonly PullTimes[]): number => Math.min(...pulls.map(({ startedMs }) => startedMs));

function timesOf(pulls: readonly PullTimes[], { newBytes, links, apartMs }: Plan) {
  const sinceStart = pulls.map(({ downloadedMs }) => downloadedMs - startOf(pulls));
  const lastBytesMs = Math.max(...sinceStart);
  const bounds = boundsOf(newBytes, links);
  // The last host to come has to get everything after it came.
  const lastMbit = links.hostMbit.at(-1) ?? Number.NaN;
  const lateMs = (pulls.length - 1) * apartMs;
  const arrivedMs = lateMs + boundsOf(newBytes, { originMbit: links.originMbit, hostMbit: [lastMbit] }).fluidMs;
  const boundMs = apartMs > 0 ? Math.max(bounds.fluidMs, arrivedMs) : bounds.fluidMs;
  const shares = pulls.map((pull) => (pull.pulledMs - pull.downloadedMs) / (pull.pulledMs - pull.startedMs));
  return {
    lastBytesMs: round(lastBytesMs),
    firstBytesMs: round(Math.min(...sinceStart)),
    medianBytesMs: round(median(sinceStart)),
    lastPulledMs: round(Math.max(...pulls.map(({ pulledMs }) => pulledMs - startOf(pulls)))),
    medianPullMs: round(median(pulls.map(({ pulledMs, startedMs }) => pulledMs - startedMs))),
    extractPercent: round(median(shares) * 100),
    boundMs: round(boundMs),
    oneCopyBoundMs: round(bounds.oneCopyMs),
    overBound: round(lastBytesMs / boundMs, 3),
  };
}

function originOf(traffic: readonly { gets: number; bytes: number }[], { newBytes }: Plan) {
  return {
    originCopies: round(traffic.reduce((sum, { bytes }) => sum + bytes, 0) / newBytes, 3),
    /** Of the blob that was asked for most often. */
    originGetsOfOne: Math.max(0, ...traffic.map(({ gets }) => gets)),
    originBlobs: traffic.length,
  };
}

/** On the hosts' cables, so with headers, acknowledgements and gossip. */
function spentOf(cables: readonly { sentBytes: number; receivedBytes: number }[], newBytes: number) {
  const sent = cables.map(({ sentBytes }) => sentBytes);
  const mean = sent.reduce((sum, bytes) => sum + bytes, 0) / sent.length;
  const received = cables.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
  return {
    /** 1 is what nobody can do without; what is more is headers, control and duplicates. */
    receivedCopies: round(received / (cables.length * newBytes), 3),
    uploadMaxOverMean: round(Math.max(...sent) / mean, 2),
  };
}

/** What is new in `image` for who has `known`. */
export function newBytesOf(image: Image, known: Image | undefined): number {
  const old = new Set(known?.layers.map(({ digest }) => digest));
  const shared = image.layers.filter(({ digest }) => old.has(digest)).reduce((sum, layer) => sum + layer.sizeBytes, 0);
  return imageBytes(image) - shared;
}
