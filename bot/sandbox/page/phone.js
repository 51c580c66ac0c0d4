"use strict";
// One phone: a person, their chats as tabs, the messages of one chat, its keyboard and the input.

class Phone {
  constructor(person) {
    this.person = person;
    this.peer = null;
    this.thread = null;
    this.replyTo = null;
    this.editing = null;
    this.shownVersion = -1;
    this.toastsShown = null;
    this.build();
  }

  build() {
    this.tabs = element("nav", "tabs");
    this.topics = element("select", "topics");
    this.topics.hidden = true;
    this.topics.addEventListener("change", () => {
      this.thread = this.topics.value ? Number(this.topics.value) : null;
      this.refresh(true);
    });
    this.menu = button("", "menu", () => this.act(this.view.blocked ? "unblock" : "block", {}));
    this.list = element("div", "messages");
    this.atEnd = true;
    const end = () => { if (this.atEnd) this.list.scrollTop = this.list.scrollHeight; };
    this.list.addEventListener("scroll", () => {
      this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    });
    // Pictures grow after they are drawn; "load" doesn't bubble, so it is caught on the way down.
    this.list.addEventListener("load", end, true);
    new ResizeObserver(end).observe(this.list);
    this.toast = element("div", "toast");
    this.toast.hidden = true;
    this.context = element("div", "context");
    this.context.hidden = true;
    this.keyboard = element("div", "keyboard");
    this.input = element("textarea", "input");
    this.input.rows = 1;
    this.input.placeholder = word("message");
    this.input.setAttribute("aria-label", word("message"));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.say();
      }
    });
    const picker = element("input", "");
    picker.type = "file";
    picker.multiple = true;
    picker.hidden = true;
    picker.addEventListener("change", () => this.sendFiles(picker));
    const attach = button("+", "attach", () => picker.click());
    attach.title = word("attach");
    const send = button("➤", "send", () => this.say());
    send.title = word("send");
    const name = [this.person.first_name, this.person.last_name].filter(Boolean).join(" ");
    const head = element("div", "head", avatar(this.person.id, name),
      element("div", "who", element("b", "", name), element("small", "", [this.person.about, this.person.phone].filter(Boolean).join(" · "))), this.menu);
    this.node = element("section", "phone", head, this.tabs, this.topics, this.list, this.toast, this.context,
      this.keyboard, element("div", "compose", attach, picker, this.input, send));
  }

  path(act = "") {
    return `/people/${this.person.id}/chats/${this.peer}${act && `/${act}`}`;
  }

  setChats(chats) {
    const known = chats.map((chat) => `${chat.peer} ${chat.title}`).join("|");
    if (this.peer === null && chats.length) this.peer = (chats.find((chat) => chat.used) || chats[0]).peer;
    if (known === this.knownChats && this.drawnPeer === this.peer) return;
    this.knownChats = known;
    this.drawnPeer = this.peer;
    this.tabs.replaceChildren(...chats.map((chat) => {
      const tab = button(chat.title, chat.peer === this.peer ? "tab on" : "tab", () => {
        this.peer = chat.peer;
        this.thread = null;
        this.atEnd = true;
        this.setContext(null, null);
        this.setChats(chats);
        this.refresh(true);
      });
      tab.title = chat.title;
      return tab;
    }));
  }

  async refresh(force = false) {
    if (this.peer === null) return;
    const asked = this.peer;
    const view = await api("GET", this.path());
    if (!view || asked !== this.peer) return;
    const key = JSON.stringify([view.messages.map((m) => [m.message_id, m.changed, m.reactions]), view.keyboard,
      view.toasts.length, view.topics, view.blocked, view.action, this.thread]);
    this.view = view;
    this.showToasts(view.toasts);
    if (key === this.shown && !force) return;
    this.shown = key;
    this.draw();
  }

  draw() {
    const view = this.view;
    this.menu.textContent = view.type === "private" ? (view.blocked ? word("unblock") : word("block")) : "";
    this.menu.hidden = view.type !== "private";
    this.node.classList.toggle("is-blocked", view.blocked);
    this.topics.hidden = !view.is_forum;
    if (view.is_forum) {
      const options = [{ id: "", name: word("all") }, ...view.topics].map((topic) => {
        const option = element("option", "", `${topic.name}${topic.closed ? " 🔒" : ""}`);
        option.value = topic.id;
        option.selected = String(topic.id) === String(this.thread || "");
        return option;
      });
      this.topics.replaceChildren(...options);
    }
    const messages = view.messages.filter((m) => this.thread === null || m.thread === this.thread);
    const rows = messages.map((message) => this.messageNode(message));
    if (!rows.length) {
      rows.push(element("p", "empty", word("empty")));
      if (view.type === "private") rows.push(button(word("start"), "start", () => this.act("start", {})));
    }
    if (view.action) rows.push(element("p", "typing", word("typing")));
    this.list.replaceChildren(...rows);
    if (this.atEnd) this.list.scrollTop = this.list.scrollHeight;
    const keys = (view.keyboard && view.keyboard.keyboard) || [];
    this.keyboard.replaceChildren(...keys.map((row) => element("div", "row", ...row.map((key) =>
      button(key.text, "key", () => this.act("press", { text: key.text }))))));
  }

  messageNode(message) {
    if (message.kind === "service") return element("p", "service", serviceText(message.raw));
    const topic = this.view.topics.find((t) => t.id === message.thread);
    const bubble = element("div", "bubble");
    if (!message.mine && this.view.type !== "private") {
      const name = message.raw.sender_chat ? message.raw.sender_chat.title : message.from.first_name;
      bubble.append(element("div", `author c${Math.abs(message.from.id) % 6}`, name));
    }
    if (topic && this.thread === null) bubble.append(element("div", "topic", `# ${topic.name}`));
    const answered = message.raw.reply_to_message;
    if (answered && !answered.forum_topic_created) {
      bubble.append(element("div", "quoted", (answered.text || answered.caption || "…").slice(0, 80)));
    }
    if (message.raw.forward_origin) {
      const origin = message.raw.forward_origin;
      const author = origin.sender_user ? origin.sender_user.first_name : origin.sender_user_name || "";
      bubble.append(element("div", "forwarded", `↪ ${author}`));
    }
    bubble.append(...mediaNodes(message));
    if (message.text) bubble.append(element("div", "text", formatted(message.text, message.entities)));
    const time = new Date(message.raw.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    bubble.append(element("div", "meta", message.edited ? `${word("edited")} ` : "", time));
    const reactions = Object.values(message.reactions).flat().map((reaction) => reaction.emoji || "★");
    if (reactions.length) bubble.append(element("div", "reactions", reactions.join(" ")));
    const tools = element("div", "tools", button("↩", "", () => this.setContext(message, null)));
    tools.firstChild.title = word("reply");
    if (message.mine && message.text) {
      const edit = button("✎", "", () => this.setContext(null, message));
      edit.title = word("edit");
      tools.append(edit);
    }
    const rows = message.buttons.map((row) => element("div", "row", ...row.map((key) => this.inlineButton(message, key))));
    return element("div", message.mine ? "message mine" : "message", element("div", "line", bubble, tools),
      rows.length ? element("div", "inline", ...rows) : null);
  }

  inlineButton(message, key) {
    return button(key.url ? `${key.text} ↗` : key.text, "key", async (event) => {
      if (key.url) {
        const link = safeLink(key.url);
        if (link) window.open(link, "_blank", "noopener");
        return;
      }
      event.currentTarget.classList.add("pressed");
      const how = key.callback_data ? { data: key.callback_data } : { text: key.text };
      await this.act("press", { ...how, message_id: message.message_id });
    });
  }

  setContext(replyTo, editing) {
    this.replyTo = replyTo;
    this.editing = editing;
    const chosen = replyTo || editing;
    this.context.hidden = !chosen;
    if (!chosen) return;
    this.context.replaceChildren(element("span", "", `${replyTo ? "↩" : "✎"} ${chosen.text.slice(0, 60) || "…"}`),
      button("✕", "", () => this.setContext(null, null)));
    if (editing) this.input.value = editing.text;
    this.input.focus();
  }

  async say() {
    const text = this.input.value.trim();
    if (!text || this.peer === null) return;
    this.input.value = "";
    const { replyTo, editing } = this;
    this.atEnd = true;
    this.setContext(null, null);
    if (editing) await this.act("edit", { message_id: editing.message_id, text });
    else await this.act("say", { text, reply_to: replyTo ? replyTo.message_id : null, thread: this.thread });
  }

  async sendFiles(picker) {
    const files = await Promise.all([...picker.files].map(async (file) => ({
      kind: file.type.startsWith("image/") ? "photo" : "document",
      content: await base64(file),
      name: file.name,
      mime: file.type || "application/octet-stream",
      thread: this.thread,
    })));
    picker.value = "";
    if (files.length === 1) await this.act("file", files[0]);
    else if (files.length) await this.act("album", { files });
  }

  async act(name, body) {
    await api("POST", this.path(name), body);
    await this.refresh();
  }

  showToasts(toasts) {
    const before = this.toastsShown;
    this.toastsShown = toasts.length;
    if (before === null || toasts.length <= before) return;
    const last = toasts[toasts.length - 1];
    if (!last.text) return;
    this.toast.replaceChildren(element("span", "", last.text));
    this.toast.classList.toggle("alert", last.alert);
    if (last.alert) this.toast.append(button(word("close"), "", () => { this.toast.hidden = true; }));
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    if (!last.alert) this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, 4000);
  }
}

function avatar(id, name) {
  return element("div", `avatar c${Math.abs(id) % 6}`, [...name][0] || "?");
}

function mediaNodes(message) {
  const raw = message.raw;
  if (message.kind === "photo") {
    const picture = element("img", "photo");
    picture.src = `/sandbox/files/${encodeURIComponent(raw.photo[raw.photo.length - 1].file_id)}`;
    picture.alt = word("photo");
    picture.addEventListener("error", () => picture.replaceWith(element("div", "file", `▣ ${word("photo")}`)));
    return [picture];
  }
  const icons = { document: "📄", voice: "🎤", video: "🎬", audio: "🎵", animation: "🎞", video_note: "⏺", sticker: "🙂" };
  if (icons[message.kind]) {
    const file = raw[message.kind];
    const link = element("a", "file", `${icons[message.kind]} ${file.file_name || word(message.kind)}`);
    link.href = `/sandbox/files/${encodeURIComponent(file.file_id)}`;
    return [link];
  }
  if (message.kind === "contact") {
    return [element("div", "file", `👤 ${raw.contact.first_name} ${raw.contact.phone_number}`)];
  }
  if (message.kind === "location" || message.kind === "venue") {
    return [element("div", "file", `📍 ${raw.location.latitude.toFixed(4)}, ${raw.location.longitude.toFixed(4)}`)];
  }
  if (message.kind === "invoice") {
    const sum = (raw.invoice.total_amount / 100).toFixed(2);
    return [element("div", "file", `💳 ${raw.invoice.title} · ${sum} ${raw.invoice.currency}`)];
  }
  return [];
}

function serviceText(raw) {
  const names = (users) => users.map((user) => user.first_name).join(", ");
  if (raw.new_chat_members) return `→ ${names(raw.new_chat_members)}`;
  if (raw.left_chat_member) return `← ${raw.left_chat_member.first_name}`;
  if (raw.forum_topic_created) return `# ${raw.forum_topic_created.name}`;
  if (raw.forum_topic_edited) return `# ✎ ${raw.forum_topic_edited.name || ""}`;
  if (raw.forum_topic_closed) return "# 🔒";
  if (raw.forum_topic_reopened) return "# 🔓";
  if (raw.pinned_message) return `📌 ${raw.pinned_message.text || ""}`;
  if (raw.successful_payment) return `💳 ${(raw.successful_payment.total_amount / 100).toFixed(2)} ✓`;
  return word("service");
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(binary);
}
