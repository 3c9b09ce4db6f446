/** One way of keeping apps running on the cluster's engines while versions and hosts change. */
export interface Rival {
  readonly name: string;
  prepare(): Promise<void>;
  /** Its turn begins, or ends: between turns it does nothing. */
  wake(): Promise<void>;
  rest(): Promise<void>;
  /** Runs replicas that serve HTTP on a host port of their own each, and resolves when all work. */
  deploy(app: string, replicas: number): Promise<void>;
  /** Rolls another image out, by its defaults or all at once, and resolves when it says that this is done. */
  upgrade(app: string, image: string, isAtOnce: boolean): Promise<void>;
  /** Asks for everything to be moved off a host; resolves at once. */
  drain(host: string): Promise<void>;
  undrain(host: string): Promise<void>;
  /** The host that decides about an app at the moment. */
  deciderOf(app: string): Promise<string>;
  /** Resolves when so many replicas run by its own word. */
  whole(app: string, replicas: number): Promise<void>;
  remove(app: string): Promise<void>;
}

export const PORT = 80;
export const IMAGES = ['shoal-test:1', 'shoal-test:2', 'shoal-test:3'] as const;
export const MEMORY_BYTES = 32 * 1024 * 1024;
