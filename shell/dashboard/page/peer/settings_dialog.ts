/**
 * Settings dialog: what the peer calls itself, and what all torrents together may use.
 *
 * @module
 */
/// <reference lib="dom" />
import type { PeerStatus } from "../api_types.ts";
import { post } from "../api_client.ts";
import { openDialog } from "../dialogs.ts";
import { button, make, note } from "../dom.ts";
import { parseRate } from "../words.ts";

/** Opens it with the settings as they are. */
export function openSettings(status: PeerStatus): void {
  const words = (limit: number) => limit === 0 ? "" : `${Math.round(limit / 1024)}k`;
  const field = (id: string, value: string, placeholder = "none") =>
    make("input", { id, value, size: 10, placeholder, autocomplete: "off", spellcheck: "false" });
  const fields = {
    name: field("peer-name", status.name, ""),
    down: field("all-down", words(status.download_limit)),
    up: field("all-up", words(status.upload_limit)),
    slots: field("all-slots", String(status.upload_slots), ""),
  };
  const row = (input: HTMLInputElement, label: string, hint: string) =>
    make(
      "div",
      { class: "setting" },
      make("label", { for: input.id }, label),
      input,
      make("span", { class: "hint" }, hint),
    );
  const save = async (close: () => void): Promise<void> => {
    const [download, upload] = [parseRate(fields.down.value), parseRate(fields.up.value)];
    const slots = fields.slots.value.trim();
    if (download === undefined || upload === undefined) {
      return note("Give a limit in bytes per second, such as 500k or 2M");
    }
    if (!/^\d{1,4}$/.test(slots)) return note("Give a whole number of upload slots");
    try {
      const name = fields.name.value.trim();
      if (name === "") return note("Give the peer a name");
      if (name !== status.name) await post("/name", { name });
      await post("/limits", { download, upload, "upload_slots": Number(slots) });
      close();
      note("The settings are kept", "good");
    } catch (error) {
      note((error as Error).message);
    }
  };
  const dialog = openDialog({
    title: "Settings",
    body: [
      make(
        "form",
        {
          class: "settings",
          onsubmit: (event) => {
            event.preventDefault();
            void save(dialog.close);
          },
        },
        row(fields.name, "Name", "what other peers see"),
        row(fields.down, "Download limit", "bytes per second of all torrents together, such as 2M"),
        row(fields.up, "Upload limit", "the same; empty for no limit"),
        row(
          fields.slots,
          "Upload slots",
          "peers that each torrent serves at a time, beside one optimistic one",
        ),
        make("button", { type: "submit", class: "unseen", tabindex: -1 }, "Save"),
      ),
      make(
        "dl",
        { class: "facts" },
        ...[
          ["Store", status.dir],
          ["Port", String(status.port)],
          ["Trackers", status.trackers.join(", ") || "none"],
          ["Peer ID", status.peer_id],
          ["Version", status.version],
        ].flatMap(([name, value]) => [make("dt", {}, name!), make("dd", { dir: "auto" }, value!)]),
      ),
    ],
    buttons: (dialog) => [
      button("Cancel", dialog.close),
      button("Save", () => void save(dialog.close), { class: "main" }),
    ],
  });
}
