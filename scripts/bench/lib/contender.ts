import type { RealHost } from '../../../test/framework/real-host.ts';

export const IMAGE = 'shoal-test:1';
export const COMMAND = ['sleep', '1000000'];
export const MEMORY_BYTES = 64 * 1024 * 1024;

/** One way of running replicas on the cluster's engines. Container names contain the app's name. */
export interface Contender {
  readonly name: string;
  /** Whether it brings a killed container back. */
  readonly heals: boolean;
  prepare(): Promise<void>;
  /** Its turn begins: it is ready and at rest. */
  wake(): Promise<void>;
  /** Its turn is over: it uses nothing and watches nothing until it is woken. */
  rest(): Promise<void>;
  deploy(app: string, replicas: number): Promise<void>;
  scale(app: string, replicas: number): Promise<void>;
  remove(app: string): Promise<void>;
  /** Resolves when it has finished its own work for this app; answers what only it can tell. */
  settled(app: string): Promise<Readonly<Record<string, number>>>;
  gone(app: string): Promise<void>;
}

/** Kills one container of the app. To the engine that is an exit like any other, so whoever wants it runs it again. */
export async function killOne(hosts: readonly RealHost[], app: string): Promise<void> {
  for (const { docker } of hosts) {
    const [first] = (await docker.listContainers()).filter((c) => c.Names.some((name) => name.includes(app)));
    if (first !== undefined) return docker.getContainer(first.Id).kill();
  }
  throw new Error(`no engine runs a container of ${app}`);
}
