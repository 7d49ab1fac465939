import { Rc4 } from "../../protocol/rc4.ts";
import { assertEquals } from "../support/assert.ts";
import { latin1 } from "../support/bytes.ts";

Deno.test("Rc4 gives the published vectors", () => {
  const encrypted = (key: string, text: string) => new Rc4(latin1(key)).apply(latin1(text)).toHex();
  assertEquals(encrypted("Key", "Plaintext"), "bbf316e8d940af0ad3");
  assertEquals(encrypted("Wiki", "pedia"), "1021bf0420");
  assertEquals(encrypted("Secret", "Attack at dawn"), "45a01f645fc35b383552544b9bf5");
});

Deno.test("Rc4 skips the start of the key stream (RFC 6229, offset 1024)", () => {
  const rc4 = new Rc4(Uint8Array.fromHex("0102030405"), 1024);
  assertEquals(rc4.apply(new Uint8Array(16)).toHex(), "30abbcc7c20b01609f23ee2d5f6bb7df");
});

Deno.test("Rc4 goes on where it was, in place or beside", () => {
  const whole = new Rc4(latin1("k")).apply(new Uint8Array(100));
  const parts = new Rc4(latin1("k"));
  const from = new Uint8Array(70);
  const into = new Uint8Array(70);
  assertEquals(parts.apply(new Uint8Array(30)), whole.slice(0, 30));
  assertEquals(parts.apply(from, into), whole.slice(30));
  assertEquals(from, new Uint8Array(70));
});
