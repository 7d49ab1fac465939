import { parseIp } from "../../../protocol/address.ts";
import { reachesHost } from "../../../tracker/swarms/own_address.ts";
import { assertEquals } from "../../support/assert.ts";

const OWN = ["192.168.1.5", "10.0.0.5"].map((text) => ({ bytes: parseIp(text)!, prefix: 24 }));

Deno.test("the clients that reach a server depend on the address that it listens on", () => {
  const cases: [host: string, asker: string, reaches: boolean][] = [
    ["0.0.0.0", "192.168.1.9", true],
    ["::", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "192.168.1.9", false],
    ["192.168.1.5", "192.168.1.9", true],
    ["10.0.0.5", "192.168.1.9", false],
    // It would be told of 127.0.0.1, where nobody listens; in its network it will be heard.
    ["192.168.1.5", "127.0.0.1", false],
    ["::1", "127.0.0.1", false],
    ["fd00::5", "192.168.1.9", false],
    ["no address", "192.168.1.9", false],
  ];
  for (const [host, asker, reaches] of cases) {
    assertEquals(reachesHost(host, parseIp(asker)!, OWN), reaches, `${host} from ${asker}`);
  }
});
