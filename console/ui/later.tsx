import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import { Empty } from './panel.tsx';

/** A part of the console that is fetched when it is shown first, so that the first screen does not wait for it. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Later(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | undefined>(() => loaded);
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load()
        .then((part) => {
          loaded = part;
          setPart(() => part);
        })
        .catch(() => setMissing(true));
    }, []);
    if (isMissing) return <Empty title={t('shell.outdated')}>{t('shell.reload')}</Empty>;
    return Part === undefined ? <Empty title={t('state.loading')} /> : <Part {...props} />;
  };
}
