import { useState } from 'preact/hooks';
import { collectImages, preheat, verifyImages } from '../../api/actions.ts';
import { parseDuration } from '../../format/quantity.ts';
import { linkTo } from '../../store/link.ts';
import { useClusters, useHosts } from '../../store/lists.ts';
import { goTo } from '../../store/router.ts';
import type { MessageKey } from '../../text/messages.ts';
import { t } from '../../text/text.ts';
import { ActionDialog } from '../../ui/dialog.tsx';
import { ChoiceField, TextField } from '../../ui/text-field.tsx';

type Work = 'preheat' | 'verify' | 'collect';

const words: Readonly<Record<Work, MessageKey>> = {
  preheat: 'images.preheatWhat',
  verify: 'upkeep.verifyWhat',
  collect: 'upkeep.collectWhat',
};

/** Asks for which hosts, and goes to the operation. */
export function WorkDialog({ work }: { readonly work: Work }) {
  const [image, setImage] = useState('');
  const [grace, setGrace] = useState('');
  const [where, setWhere] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { value: clusters = [] } = useClusters();
  const graceMs = parseDuration(grace.trim());
  const isGraceRead = grace.trim() === '' || graceMs !== undefined;
  const hosts = where === 'hosts' ? { hosts: [...chosen] } : {};
  const start = async (): Promise<void> => {
    const [kind, cluster] = where.split(' ');
    const operation = await (work === 'preheat'
      ? preheat(image.trim(), kind === 'cluster' && cluster !== undefined ? { cluster } : hosts)
      : work === 'verify'
        ? verifyImages(hosts)
        : collectImages({ ...hosts, ...(graceMs === undefined ? {} : { graceMs }) }));
    goTo(linkTo(['operations', operation.id]));
  };
  return (
    <ActionDialog
      title={t(`upkeep.${work}`)}
      action={t(`upkeep.${work}`)}
      canAct={(work !== 'preheat' || image.trim() !== '') && isGraceRead && (where !== 'hosts' || chosen.size > 0)}
      onAct={start}
    >
      <p>{t(words[work])}</p>
      {work === 'preheat' && (
        <TextField label={t('column.image')} placeholder="127.0.0.1:5000/shop/web:1" value={image} onText={setImage} />
      )}
      {work === 'collect' && (
        <TextField
          label={t('upkeep.grace')}
          placeholder="2h"
          fault={isGraceRead ? undefined : t('form.unreadable')}
          value={grace}
          onText={setGrace}
        />
      )}
      <ChoiceField
        label={t('upkeep.where')}
        value={where}
        choices={[
          { value: '', word: t('operation.allHosts') },
          { value: 'hosts', word: t('upkeep.chosen') },
          ...(work === 'preheat'
            ? clusters.map(({ name }) => ({ value: `cluster ${name}`, word: t('upkeep.cluster', { name }) }))
            : []),
        ]}
        onChoice={setWhere}
      />
      {where === 'hosts' && <Hosts chosen={chosen} onChosen={setChosen} />}
    </ActionDialog>
  );
}

interface HostsProps {
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

function Hosts({ chosen, onChosen }: HostsProps) {
  const { value: hosts = [] } = useHosts();
  return (
    <fieldset class="form-grid">
      <legend>{t('nav.hosts')}</legend>
      {hosts.map(({ id, name }) => (
        <label key={id} class="row check">
          <input
            type="checkbox"
            checked={chosen.has(id)}
            onChange={({ currentTarget }) => {
              const others = [...chosen].filter((one) => one !== id);
              onChosen(new Set(currentTarget.checked ? [...others, id] : others));
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
