import type { OfferView, Refusal } from '../../../protocol/schemas/operation.ts';
import type { DeploymentPlan, PlannedAuction, PlannedRollout } from '../../../protocol/schemas/plan.ts';
import { t } from '../../text/text.ts';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { Status } from '../../ui/status.tsx';
import type { Planned } from './use-plan.ts';

const HOSTS_MAX = 30;

/** Before anything is done: what would run where, what is refused by which rule, or why all of it would be refused. */
export function PlanView({ planned: { plan, isOld, problem } }: { readonly planned: Planned }) {
  if (problem !== undefined) return <ProblemBox problem={problem} />;
  if (plan === undefined) return <p class="muted">{t('state.loading')}</p>;
  return (
    <div class="stack-tight" aria-busy={isOld}>
      <Verdict plan={plan} />
      {plan.rollout !== undefined && <RolloutOrder rollout={plan.rollout} to={plan.version} />}
      {plan.removals.length > 0 && <p>{t('plan.removes', { count: plan.removals.length })}</p>}
      {plan.auctions.map((auction) => (
        <Places key={`${auction.version} ${auction.wanted[0]}`} auction={auction} />
      ))}
    </div>
  );
}

function Verdict({ plan }: { readonly plan: DeploymentPlan }) {
  return (
    <>
      <Status tone={plan.fits ? 'ok' : 'bad'}>{verdictOf(plan)}</Status>
      {plan.joins !== undefined && <p class="note">{t('plan.joins')}</p>}
      {plan.supersedes !== undefined && <p class="note">{t('plan.supersedes')}</p>}
    </>
  );
}

function verdictOf({ fits, auctions, removals, rollout }: DeploymentPlan): string {
  if (rollout !== undefined) return t(fits ? 'plan.canRoll' : 'plan.cannotRoll');
  const more = auctions.reduce((sum, { wanted }) => sum + wanted.length, 0);
  if (more === 0) return t(removals.length === 0 ? 'plan.nothing' : 'plan.fewer');
  const total = auctions.reduce((sum, { offers }) => sum + offers.reduce((slots, offer) => slots + offer.slots, 0), 0);
  return fits ? t('plan.fits', { more }) : t('plan.tooMany', { more, total });
}

function RolloutOrder({
  rollout: { from, batches, why },
  to,
}: {
  readonly rollout: PlannedRollout;
  readonly to: number;
}) {
  return (
    <>
      <p>{t('plan.rollsOut', { from: from.version, to, order: batches.map((one) => one.join(', ')).join(' → ') })}</p>
      <ul class="muted small">
        {why.map((sentence) => (
          <li key={sentence} class="wrap">
            {sentence}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Hosts that get something first, then why others do not. */
function Places({ auction: { placed, offers, refusals } }: { readonly auction: PlannedAuction }) {
  const isPlaced = placed.length > 0;
  const shown = offers
    .filter(({ awarded }) => awarded > 0 || !isPlaced)
    .toSorted((a, b) => b.awarded - a.awarded || b.slots - a.slots);
  return (
    <ul class="plan">
      {shown.slice(0, HOSTS_MAX).map((offer) => (
        <Place key={offer.hostId} offer={offer} />
      ))}
      {refusals.slice(0, HOSTS_MAX).map((refusal) => (
        <Refused key={`${refusal.hostId} ${refusal.rule}`} refusal={refusal} />
      ))}
    </ul>
  );
}

const Place = ({ offer: { hostName, zone, awarded, slots } }: { readonly offer: OfferView }) => (
  <li>
    <strong>{hostName}</strong>
    <span>
      {awarded > 0 ? t('plan.gets', { count: awarded }) : t('plan.room', { replicas: slots })}
      {zone !== '' && <span class="muted"> · {zone}</span>}
    </span>
  </li>
);

const Refused = ({ refusal: { hostName, rule, detail } }: { readonly refusal: Refusal }) => (
  <li>
    <strong>{hostName}</strong>
    <span>
      <Status tone={rule === 'lower-score' ? 'idle' : 'warn'}>{rule}</Status>
      <span class="muted small wrap"> {detail}</span>
    </span>
  </li>
);
