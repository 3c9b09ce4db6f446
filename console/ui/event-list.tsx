import type { Event } from '../../protocol/schemas/model.ts';
import { linkTo } from '../store/link.ts';
import { t } from '../text/text.ts';
import { Age } from './age.tsx';
import { Empty } from './panel.tsx';

/** Events, newest first, each with what it is about a click away. */
export function EventList({ events, nothing }: { readonly events: readonly Event[]; readonly nothing: string }) {
  if (events.length === 0) return <Empty title={nothing} />;
  return (
    <ol class="timeline">
      {events.toReversed().map((event) => (
        <li key={event.id}>
          <Age at={event.at} />
          <div>
            <p class="wrap">{event.message}</p>
            <p class="row kind">
              <code>{event.kind}</code>
              {event.actor !== undefined && (
                <a href={linkTo(['events'], { actor: event.actor })}>{t('event.by', { actor: event.actor })}</a>
              )}
              {event.group !== undefined && event.app !== undefined && (
                <a href={linkTo(['apps', event.group, event.app])}>
                  {event.group}/{event.app}
                </a>
              )}
              {event.operation !== undefined && (
                <a href={linkTo(['operations', event.operation])}>{t('operation.one')}</a>
              )}
              {event.host !== undefined && <a href={linkTo(['hosts', event.host])}>{t('host.one')}</a>}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
