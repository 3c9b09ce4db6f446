import type { DeploymentPlan, PlannedAuction, PlannedRollout } from '../../../protocol/schemas/plan.ts';
import { offerLines, refusalLines } from './decision.ts';
import { count, printableLine } from './format.ts';
import type { Paint } from './paint.ts';

/** What a deployment would do: what comes where and what goes, how it would roll out, who refuses and why. */
export function planLines(app: string, plan: DeploymentPlan, paint: Paint): string[] {
  const { version, isNewVersion, replicas, cluster, joins, supersedes, removals, rollout, auctions } = plan;
  const made = isNewVersion ? ' (new)' : '';
  return [
    paint(
      'strong',
      `plan of ${app} v${version}${made}, ${count(replicas, 'replica')} in ${cluster}: nothing was changed`,
    ),
    ...(joins === undefined ? [] : [`joins ${joins}, which is under way and wants the same`]),
    ...(supersedes === undefined ? [] : [`supersedes ${supersedes}, which is under way`]),
    ...(rollout === undefined ? [] : rolloutLines(rollout, version)),
    ...removals.map(({ replica, hostName, why }) => `  replica ${replica} goes from ${hostName}: ${why}`),
    ...auctions.flatMap((auction) => ['', ...auctionLines(auction, rollout !== undefined, paint)]),
    ...(auctions.length + removals.length > 0 || rollout !== undefined ? [] : ['nothing to place or remove']),
  ];
}

/** `fits` and what that means, for the end. */
export const planVerdict = ({ fits, rollout }: DeploymentPlan): string => {
  const what = rollout === undefined ? 'be placed' : 'roll out';
  return fits ? `it would ${what} as things are now` : `it would not ${what} as things are now`;
};

function rolloutLines({ from, batches, why }: PlannedRollout, version: number): string[] {
  const order = batches.map((batch) => batch.join(',')).join(' | ');
  return [
    `rolls out v${from.version} -> v${version}, replicas in this order: ${order}`,
    ...why.map((sentence) => `  ${printableLine(sentence)}`),
  ];
}

function auctionLines(
  { version, wanted, placed, offers, refusals }: PlannedAuction,
  isBatch: boolean,
  paint: Paint,
): string[] {
  const byHost = Map.groupBy(placed, ({ hostName }) => hostName);
  const places = [...byHost]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([host, all]) => `  ${host}: ${count(all.length, 'replica')} (${all.map(({ replica }) => replica).join(', ')})`,
    );
  const heading = `v${version}: ${placed.length} of ${count(wanted.length, 'replica')} would be placed`;
  return [
    paint(placed.length === wanted.length ? 'strong' : 'bad', isBatch ? `${heading} at first` : heading),
    ...places,
    ...(offers.length === 0 ? [] : ['', ...offerLines(offers, paint)]),
    ...(refusals.length === 0 ? [] : ['', 'Refusals', ...refusalLines(refusals, paint)]),
  ];
}
