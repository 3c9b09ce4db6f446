import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { type LogForward, type LogForwardRecord, LogForwardState } from '../../../protocol/schemas/log-forward.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import { forwardPurpose } from '../../core/model/log-forwards.ts';
import type { Transport } from '../../ports/transport.ts';
import { askAll } from '../ask-all.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import type { Sealing } from '../images/sealing.ts';
import type { ForwardPlatform } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { LogForwarding } from './log-forwarding.ts';

/** Who does not answer by then is named as missing. Milliseconds. */
const STATE_MS = 1_500;
const { hostId: _id, hostName: _name, ...progress } = LogForwardState.properties;
const State = Type.Array(Type.Object({ name: Name, ...progress }), { maxItems: 2 * limits.logForwards });
type State = Type.Static<typeof State>;
const state = Compile(State);

export interface MeshForwardsParts {
  readonly transport: Transport;
  readonly catalog: Pick<Catalog, 'list'>;
  readonly view: Pick<MeshView, 'hosts'>;
  readonly own: LogForwarding;
  readonly sealing: Pick<Sealing, 'seal'>;
}

/** Where logs go, and how far each host is: hosts are asked when somebody wants to know. */
export class MeshForwards implements ForwardPlatform {
  readonly #parts: MeshForwardsParts;

  constructor(parts: MeshForwardsParts) {
    this.#parts = parts;
    parts.transport.handle('forward.state', async () => encodeJson(stateOf(parts.own)));
  }

  async list(): Promise<readonly LogForward[]> {
    const { catalog, view } = this.#parts;
    const records = catalog.list<LogForwardRecord>(prefixes.forwards).map(({ value }) => value);
    if (records.length === 0) return [];
    const { answers, missing } = await askAll(view, async (hostId, hostName) => ({
      hostName,
      states: await this.#stateOf(hostId),
    }));
    return records.map(({ sealedHeader, ...shown }) => ({
      ...shown,
      hasSecret: sealedHeader !== undefined,
      hosts: answers
        .flatMap(({ hostId, answer: { hostName, states } }) =>
          states.flatMap(({ name, ...rest }) => (name === shown.name ? [{ hostId, hostName, ...rest }] : [])),
        )
        .sort((a, b) => (a.hostName < b.hostName ? -1 : 1)),
      missing: [...missing],
    }));
  }

  names(): readonly string[] {
    return this.#parts.catalog.list<LogForwardRecord>(prefixes.forwards).map(({ value }) => value.name);
  }

  seal(headerValue: string, name: string): string {
    return this.#parts.sealing.seal(headerValue, forwardPurpose(name));
  }

  async #stateOf(hostId: HostId): Promise<State> {
    const { transport, own } = this.#parts;
    if (hostId === transport.hostId) return stateOf(own);
    const body = await transport.call(hostId, 'forward.state', encodeJson({}), { timeoutMs: STATE_MS });
    return decodeJson<State>(body, (value) => state.Check(value), 'state of log forwards');
  }
}

const stateOf = (own: LogForwarding): State => [...own.progress].map(([name, progress]) => ({ name, ...progress }));
