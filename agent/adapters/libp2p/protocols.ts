import type { MeshId } from '../../../protocol/ids.ts';
import {
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
  type ProtocolName,
  protocolString,
} from '../../../protocol/version.ts';

/** Protocol names of this version and of the older ones that it still speaks, newest first. */
export function protocolStrings(mesh: MeshId, name: ProtocolName): string[] {
  const versions = PROTOCOL_VERSION - PROTOCOL_VERSION_MIN + 1;
  return Array.from({ length: versions }, (_, age) => protocolString(mesh, name, PROTOCOL_VERSION - age));
}
