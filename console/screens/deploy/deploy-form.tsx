import { useMemo, useState } from 'preact/hooks';
import type { Problem } from '../../../protocol/schemas/common.ts';
import { createVersion, deploy, makeGroup } from '../../api/actions.ts';
import { problemOf } from '../../api/problem.ts';
import { linkTo } from '../../store/link.ts';
import { useApps, useGroups } from '../../store/lists.ts';
import { goTo } from '../../store/router.ts';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/field.tsx';
import { PageHead, Panel } from '../../ui/panel.tsx';
import { ProblemBox } from '../../ui/problem-box.tsx';
import { faultsOf, withRefusal } from './check.ts';
import { type Form, formOf, type Request, requestOf, type Unread } from './draft.ts';
import { PlanPanel } from './plan-panel.tsx';
import { SpecFields } from './spec-fields.tsx';
import { usePlan } from './use-plan.ts';
import { parseYaml, writeYaml } from './yaml.ts';

const nothingUnread: Unread = new Set();

interface DeployFormProps {
  readonly title: string;
  readonly group: string;
  readonly app: string;
  readonly request: Request;
  /** The version that the request's spec is of: it is deployed itself as long as nothing is changed. */
  readonly version?: number;
}

/** One request as a form and as YAML; what is typed into one is in the other. Checked as it is typed. */
export function DeployForm({ title, group: givenGroup, app: givenApp, request: given, version }: DeployFormProps) {
  const isAgain = version !== undefined || givenApp !== '';
  const [group, setGroup] = useState(givenGroup);
  const [app, setApp] = useState(givenApp);
  const [view, setView] = useState<'form' | 'yaml'>('form');
  const [form, setForm] = useState<Form>(() => formOf(given));
  const [base, setBase] = useState<Request>(given);
  const [yaml, setYaml] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [wasTried, setTried] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { value: apps = [] } = useApps();
  const { value: groups } = useGroups();
  const isNewGroup = groups !== undefined && !groups.some(({ name }) => name === group);

  const current = useMemo(() => {
    if (view === 'form') return { ...requestOf(form, base), broken: undefined };
    const parsed = parseYaml(yaml);
    return parsed.ok
      ? { request: parsed.value as Request, unread: nothingUnread, broken: undefined }
      : { request: base, unread: nothingUnread, broken: parsed.detail };
  }, [view, form, base, yaml]);
  const { request, unread, broken } = current;
  const faults = useMemo(() => faultsOf(group, app, request), [group, app, request]);
  const isValid = faults.size === 0 && unread.size === 0 && broken === undefined;
  const body = bodyOf(request, given, version);
  const planned = usePlan({ group, app }, isValid ? body : undefined, isNewGroup);
  const shownFaults = useMemo(() => withRefusal(faults, planned.problem), [faults, planned.problem]);

  const show = (next: 'form' | 'yaml'): void => {
    if (next === 'yaml') setYaml(writeYaml(request));
    else if (broken === undefined) {
      setBase(request);
      setForm(formOf(request));
    } else return;
    setView(next);
  };
  /** Does it when all is well, and goes where it can be seen. */
  const act = async (work: () => Promise<string>): Promise<void> => {
    setTried(true);
    if (!isValid) return;
    setBusy(true);
    setProblem(undefined);
    try {
      goTo(await work());
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      if (isNewGroup) await makeGroup(group);
      return linkTo(['operations', (await deploy({ group, app }, body)).id]);
    });
  };
  const keep = (spec: object): void =>
    void act(async () => {
      const { number } = await createVersion({ group, app }, spec);
      return linkTo(['apps', group, app], { tab: 'versions', version: String(number) });
    });
  const nameFault = (pointer: string, value: string): string | undefined =>
    (wasTried || value !== '') && faults.has(pointer) ? t('deploy.nameFault') : undefined;
  const exists = !isAgain && apps.some((known) => known.group === group && known.name === app);

  return (
    <form onSubmit={submit} noValidate>
      <PageHead
        crumbs={<a href={linkTo(['apps'])}>{t('nav.apps')}</a>}
        title={title}
        actions={
          <div class="segments">
            {(['form', 'yaml'] as const).map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => view !== one && show(one)}>
                {t(`deploy.${one}`)}
              </button>
            ))}
          </div>
        }
      />
      <div class="deploy">
        <div class="stack">
          <Panel title={t('deploy.what')}>
            <div class="form-grid">
              <Field
                label={t('deploy.group')}
                hint={t(isNewGroup && group !== '' ? 'deploy.newGroup' : 'deploy.groupHint')}
                fault={nameFault('/group', group)}
              >
                {(ties) => (
                  <input
                    {...ties}
                    name="group"
                    value={group}
                    readOnly={isAgain}
                    onInput={({ currentTarget }) => setGroup(currentTarget.value)}
                  />
                )}
              </Field>
              <Field
                label={t('app.one')}
                hint={exists ? t('deploy.exists') : t('deploy.appHint')}
                fault={nameFault('/app', app)}
              >
                {(ties) => (
                  <input
                    {...ties}
                    name="app"
                    value={app}
                    readOnly={isAgain}
                    onInput={({ currentTarget }) => setApp(currentTarget.value)}
                  />
                )}
              </Field>
            </div>
          </Panel>
          {view === 'form' ? (
            <SpecFields
              app={{ group, app }}
              form={form}
              faults={shownFaults}
              unread={unread}
              wasTried={wasTried}
              onChange={(change) => setForm({ ...form, ...change })}
            />
          ) : (
            <Panel title={t('deploy.yaml')} isFlush>
              <textarea
                class="yaml"
                name="yaml"
                aria-label={t('deploy.yaml')}
                aria-invalid={!isValid}
                spellcheck={false}
                rows={24}
                value={yaml}
                onInput={({ currentTarget }) => setYaml(currentTarget.value)}
              />
            </Panel>
          )}
        </div>
        <aside class="stack">
          <PlanPanel
            planned={planned}
            faults={faults}
            broken={broken}
            unread={unread}
            wasTried={wasTried || view === 'yaml'}
          />
          {problem !== undefined && <ProblemBox problem={problem} />}
          <button type="submit" class="primary" disabled={isBusy || (wasTried && !isValid)}>
            {isBusy ? t('state.working') : t('deploy.action')}
          </button>
          {(isAgain || exists) && body.spec !== undefined && (
            <button type="button" disabled={isBusy || (wasTried && !isValid)} onClick={() => keep(body.spec ?? {})}>
              {t('deploy.keep')}
            </button>
          )}
        </aside>
      </div>
    </form>
  );
}

/** An old version that was not changed is deployed as itself: the same spec would make a new version of it. */
function bodyOf(request: Request, given: Request, version: number | undefined): Request {
  if (version === undefined || JSON.stringify(sorted(request.spec)) !== JSON.stringify(sorted(given.spec)))
    return request;
  const { spec: _spec, ...rest } = request;
  return { ...rest, version };
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
