/**
 * Imported first, for its effect: npm's clients load without the native WebRTC addon, which is for
 * browsers' swarms and is not installed.
 *
 * @module
 */
import Module from "node:module";

const loader = Module as unknown as { _load(request: string, ...more: unknown[]): unknown };
const load = loader._load;
loader._load = (request, ...more) =>
  request.endsWith("node_datachannel.node")
    ? new Proxy({}, { get: () => class {} })
    : load.call(loader, request, ...more);
