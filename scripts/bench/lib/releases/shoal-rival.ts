import type { Container, Host } from '../../../../protocol/schemas/host.ts';
import type { Operation } from '../../../../protocol/schemas/operation.ts';
import type { RealCluster } from '../../../../test/framework/real-cluster.ts';
import { waitFor } from '../../../../test/framework/wait.ts';
import { agentPid, whole } from '../agent-process.ts';
import { IMAGES, MEMORY_BYTES, PORT, type Rival } from './rival.ts';

const DEADLINE_MS = 180_000;

/** Shoal, through the API of one node. */
export class ShoalRival implements Rival {
  readonly name = 'shoal';
  readonly #cluster: RealCluster;
  #drain = '';
  /** The last operation of each app. */
  readonly #operations = new Map<string, string>();

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {
    await this.#send('PUT', '/v1/groups/bench', {});
  }

  async wake(): Promise<void> {
    for (const host of this.#cluster.hosts) process.kill(agentPid(host), 'SIGCONT');
    await whole(this.#cluster.hosts);
  }

  async rest(): Promise<void> {
    for (const host of this.#cluster.hosts) process.kill(agentPid(host), 'SIGSTOP');
  }

  async deploy(app: string, replicas: number): Promise<void> {
    const spec = { image: IMAGES[0], memoryBytes: MEMORY_BYTES, ports: [{ container: PORT }] };
    await this.#operate(app, 'POST', '/deployments', { spec, replicas });
  }

  async upgrade(app: string, image: string, isAtOnce: boolean): Promise<void> {
    const rollout = isAtOnce ? { rollout: { batch: 1_000 } } : {};
    await this.#operate(app, 'POST', '/deployments', { image, ...rollout });
  }

  async drain(host: string): Promise<void> {
    this.#drain = (await this.#send<Operation>('POST', `/v1/hosts/${host}/drain`, {})).id;
  }

  async undrain(host: string): Promise<void> {
    await this.#ended(this.#drain);
    await this.#send('PATCH', `/v1/hosts/${host}`, { cordoned: false });
  }

  /** The app's steward, who worked on its last operation. */
  async deciderOf(app: string): Promise<string> {
    const { steward } = await this.#get<Operation>(`/v1/operations/${this.#operations.get(app)}`);
    return (await this.#get<Host>(`/v1/hosts/${steward}`)).name;
  }

  async whole(app: string, replicas: number): Promise<void> {
    await waitFor(
      `${replicas} replicas of ${app}`,
      async () => {
        const { body } = await this.#host.api<{ items: Container[] }>('GET', `/v1/containers?group=bench&app=${app}`);
        return body.items.filter(({ ready, hostStatus }) => ready && hostStatus === 'alive').length === replicas;
      },
      DEADLINE_MS,
    );
  }

  async remove(app: string): Promise<void> {
    await this.#operate(app, 'DELETE', '');
  }

  get #host() {
    return this.#cluster.host(1);
  }

  async #operate(app: string, method: string, path: string, body?: object): Promise<void> {
    const { id } = await this.#send<Operation>(method, `/v1/groups/bench/apps/${app}${path}`, body);
    this.#operations.set(app, id);
    await this.#ended(id);
  }

  async #ended(id: string): Promise<void> {
    const last = await waitFor(
      `operation ${id} to end`,
      async () => {
        const now = await this.#get<Operation>(`/v1/operations/${id}`);
        return now.state !== 'running' && now;
      },
      DEADLINE_MS,
    );
    if (last.state !== 'succeeded') throw new Error(`${last.kind} ${last.state}: ${last.problem?.detail}`);
  }

  #get = <T>(path: string): Promise<T> => this.#send<T>('GET', path);

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.#host.api<T>(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
