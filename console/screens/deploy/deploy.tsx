import type { App } from '../../../protocol/schemas/model.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { appPath } from '../../api/actions.ts';
import { useOnce } from '../../store/resource.ts';
import { route } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { ReadingView } from '../../ui/reading.tsx';
import { DeployForm } from './deploy-form.tsx';

/** A new app, or the next version of one: `#/deploy?group=…&app=…&version=…`. */
export function DeployScreen() {
  const { query } = route.value;
  const group = query.get('group') ?? '';
  const app = query.get('app') ?? '';
  const cluster = query.get('cluster') ?? 'default';
  if (group === '' || app === '')
    return <DeployForm title={t('deploy.title')} group={group} app={app} request={blank} />;
  return <Again key={`${group}/${app}`} group={group} app={app} cluster={cluster} version={query.get('version')} />;
}

const blank = { replicas: 1, spec: { image: '', memoryBytes: 128 * 1024 ** 2 } };

interface AgainProps {
  readonly group: string;
  readonly app: string;
  readonly cluster: string;
  /** Which one to begin with; null: the latest. */
  readonly version: string | null;
}

function Again({ group, app, cluster, version }: AgainProps) {
  const reading = useOnce<App>(appPath({ group, app }));
  return (
    <ReadingView of={reading}>
      {(found) => {
        const number = Number(version ?? found.latestVersion);
        const replicas = found.deployments.find((deployment) => deployment.cluster === cluster)?.replicas ?? 1;
        if (number === 0) return <DeployForm title={t('app.deployVersion')} group={group} app={app} request={blank} />;
        return <FromVersion key={number} {...{ group, app, cluster, number, replicas }} />;
      }}
    </ReadingView>
  );
}

interface FromVersionProps extends Omit<AgainProps, 'version'> {
  readonly number: number;
  readonly replicas: number;
}

function FromVersion({ group, app, cluster, number, replicas }: FromVersionProps) {
  const reading = useOnce<Version>(`${appPath({ group, app })}/versions/${number}`);
  return (
    <ReadingView of={reading}>
      {({ spec }) => (
        <DeployForm
          title={t('deploy.from', { version: number })}
          group={group}
          app={app}
          request={{ replicas, spec, ...(cluster === 'default' ? {} : { cluster }) }}
          version={number}
        />
      )}
    </ReadingView>
  );
}
