import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import { Empty } from './panel.tsx';

/**
 * A part that is loaded when it is first shown, because most visits do without it. When it is not there any more, the agent was
 * exchanged under this page.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function Later(props: P) {
    const [Part, setPart] = useState<ComponentType<P>>();
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      load()
        .then((loaded) => setPart(() => loaded))
        .catch(() => setMissing(true));
    }, []);
    if (isMissing) return <Empty title={t('shell.outdated')}>{t('shell.reload')}</Empty>;
    return Part === undefined ? <Empty title={t('state.loading')} /> : <Part {...props} />;
  };
}
