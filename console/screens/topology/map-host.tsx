import type { Signal } from '@preact/signals';
import { memo } from 'preact/compat';
import type { Container } from '../../../protocol/schemas/host.ts';
import { formatBytes, formatCores } from '../../format/quantity.ts';
import { containerState, hostState } from '../../format/state.ts';
import { linkTo } from '../../store/link.ts';
import { t } from '../../text/text.ts';
import { openMenu } from '../../ui/menu.tsx';
import { Shape } from '../../ui/status.tsx';
import { colourOf, type HostLanes } from './lanes-of.ts';
import { containerMenu } from './menus.tsx';

interface MapHostProps {
  readonly lanes: HostLanes;
  readonly isDense: boolean;
  /** The app whose containers are marked everywhere. */
  readonly picked: Signal<string | undefined>;
}

const share = (part: number, whole: number): string => `${whole <= 0 ? 0 : Math.min(100, (part / whole) * 100)}%`;
const appOf = ({ group, app }: Container): string => `${group}/${app}`;

export const MapHost = memo(({ lanes: { host, containers }, isDense, picked }: MapHostProps) => {
  const { tone, word } = hostState(host);
  const { capacity } = host;
  const whole = capacity.allocatableBytes + capacity.unmanagedBytes;
  const isGone = host.status === 'dead' || host.status === 'left';
  return (
    <div class={isGone ? 'map-host gone' : 'map-host'}>
      <a href={linkTo(['hosts', host.id])} title={`${host.name} · ${t(word)}`}>
        <span class={`status tone-${tone}`}>
          <Shape tone={tone} size={isDense ? 10 : 12} />
          <span class="visually-hidden">{t(word)}</span>
        </span>
        {host.name}
      </a>
      <div class="lanes">
        <div
          class="lane"
          title={`${host.name} · ${t('capacity.memory')} ${formatBytes(capacity.promisedBytes)} / ${formatBytes(capacity.allocatableBytes)}`}
        >
          {capacity.unmanagedBytes > 0 && (
            <span class="unmanaged" style={{ width: share(capacity.unmanagedBytes, whole) }} />
          )}
          {containers.map((container) => (
            <Block
              key={container.id}
              container={container}
              width={share(container.memoryBytes, whole)}
              picked={picked}
            />
          ))}
          {capacity.heldBytes > 0 && <span class="held hatched" style={{ width: share(capacity.heldBytes, whole) }} />}
        </div>
        {!isDense && (
          <div
            class="lane cpu"
            role="img"
            aria-label={`${t('capacity.cpu')} ${formatCores(capacity.promisedCpuMilli)} / ${formatCores(capacity.cpuMilli)}`}
          >
            {containers.map(({ id, group, app, cpuMilli }) => (
              <span
                key={id}
                class={`block block-${colourOf(`${group}/${app}`)}`}
                style={{ width: share(cpuMilli, capacity.cpuMilli) }}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  );
});

interface BlockProps {
  readonly container: Container;
  readonly width: string;
  readonly picked: Signal<string | undefined>;
}

function Block({ container, width, picked }: BlockProps) {
  const app = appOf(container);
  const { tone, word } = containerState(container);
  const isDim = picked.value !== undefined && picked.value !== app;
  const words = `${app} #${container.replica} v${container.version} · ${t(word)} · ${formatBytes(container.memoryBytes)}`;
  const pick = (): void => {
    picked.value = app;
  };
  return (
    <button
      type="button"
      class={`block block-${colourOf(app)}${tone === 'ok' ? '' : ' not-ready'}${isDim ? ' dim' : ''}`}
      style={{ width }}
      title={words}
      aria-label={words}
      aria-haspopup="menu"
      onMouseEnter={pick}
      onFocus={pick}
      onMouseLeave={() => {
        picked.value = undefined;
      }}
      onBlur={() => {
        picked.value = undefined;
      }}
      onClick={(event) => openMenu(event, container.name, containerMenu(container))}
    />
  );
}
