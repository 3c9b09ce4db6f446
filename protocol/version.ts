import type { MeshId } from './ids.ts';

/** Version of everything that crosses a wire between agents. Version N also talks to N-1. */
export const PROTOCOL_VERSION = 1;
/** Oldest version this agent still talks to. */
export const PROTOCOL_VERSION_MIN = 1;

/** The protocols an agent speaks. */
export type ProtocolName = 'gossip' | 'call' | 'stream' | 'join';

/** libp2p protocol string: `/shoal/<mesh>/<name>/<version>`. */
export const protocolString = (mesh: MeshId, name: ProtocolName, version = PROTOCOL_VERSION): string =>
  `/shoal/${mesh}/${name}/${version}`;
