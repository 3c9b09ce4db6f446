import type { Exchange } from './exchange.ts';
import { notAllowed } from './registry-error.ts';

/** `GET /v2/`: whether this is a registry, and whether the login is right. */
export function servePing(exchange: Exchange): void {
  if (!exchange.isRead) throw notAllowed('GET, HEAD');
  exchange.sendJson({});
}
