import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  readonly label: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly onChoose: () => void;
}

interface OpenMenu {
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly anchor: HTMLElement;
}

const opened = signal<OpenMenu | undefined>(undefined);

/** Opens a menu at what was clicked. One menu serves thousands of things that could have one. */
export function openMenu(event: Event, title: string, items: readonly MenuItem[]): void {
  const { currentTarget } = event;
  if (currentTarget instanceof HTMLElement) opened.value = { title, items, anchor: currentTarget };
}

export function closeMenu(): void {
  opened.value = undefined;
}

const GAP_PX = 8;

/** The place where menus appear. Arrow keys move, Escape closes, the focus goes back to where it was. */
export function MenuPlace() {
  const menu = opened.value;
  return menu === undefined ? null : <Menu key={menu.title} {...menu} />;
}

function close(anchor: HTMLElement): void {
  opened.value = undefined;
  if (anchor.isConnected) anchor.focus();
}

function Menu({ title, items, anchor }: OpenMenu) {
  const ref = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: -9_999, top: 0 });
  useLayoutEffect(() => {
    const { left, top, bottom } = anchor.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = ref.current ?? { offsetWidth: 0, offsetHeight: 0 };
    const hasRoom = bottom + offsetHeight + GAP_PX <= window.innerHeight;
    setPlace({
      left: Math.max(GAP_PX, Math.min(left, window.innerWidth - offsetWidth - GAP_PX)),
      top: hasRoom ? bottom + 4 : Math.max(GAP_PX, top - offsetHeight - 4),
    });
    ref.current?.querySelector('button')?.focus();
  }, [anchor]);
  useEffect(() => {
    const leave = ({ target }: Event): void => {
      if (!(target instanceof Node && ref.current?.contains(target))) opened.value = undefined;
    };
    const vanish = (): void => {
      opened.value = undefined;
    };
    document.addEventListener('pointerdown', leave);
    window.addEventListener('resize', vanish);
    window.addEventListener('hashchange', vanish);
    return () => {
      document.removeEventListener('pointerdown', leave);
      window.removeEventListener('resize', vanish);
      window.removeEventListener('hashchange', vanish);
    };
  }, []);
  const move = (event: KeyboardEvent): void => {
    const buttons = [...(ref.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const at = document.activeElement instanceof HTMLElement ? buttons.indexOf(document.activeElement) : -1;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') close(anchor);
    else if (step === undefined) return;
    else buttons[(at + step + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={ref}
      class="menu"
      role="menu"
      tabIndex={-1}
      aria-label={title}
      onKeyDown={move}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
    >
      <div class="title">{title}</div>
      {items.map(({ label, isDanger, isDisabled, onChoose }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          disabled={isDisabled}
          class={isDanger ? 'danger' : undefined}
          onClick={() => {
            close(anchor);
            onChoose();
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
