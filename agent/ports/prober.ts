/** What to look at: a port of a container, and what a good answer is. */
export type ProbeTarget =
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'http';
      readonly address: string;
      readonly port: number;
      readonly path: string;
      /** The Host header; undefined: the address. */
      readonly host: string | undefined;
      readonly isWanted: (status: number) => boolean;
      /** Looked for in the first {@link PROBE_BODY_BYTES} of the body. */
      readonly bodyIncludes: string | undefined;
    };

/** A body is read up to here. */
export const PROBE_BODY_BYTES = 64 * 1024;

export type ProbeResult = { readonly isGood: boolean /** What was found, in a few words. */; readonly detail: string };

/** Looks at ports of containers. Never rejects: what goes wrong is a bad result. */
export interface Prober {
  probe(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult>;
}
