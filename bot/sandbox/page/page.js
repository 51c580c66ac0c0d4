"use strict";
// The page: a phone for each person, refreshed when anything changes.

const phones = new Map();
const root = document.getElementById("phones");
const callsPanel = document.getElementById("calls");
let lastCall = 0;

async function api(method, path, body) {
  const init = { method };
  if (body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const answer = await fetch(`/sandbox${path}`, init);
  if (answer.ok) return answer.json();
  console.warn(method, path, answer.status, await answer.text());
  return null;
}

async function refresh() {
  const [people, bots, chats] = await Promise.all([api("GET", "/people"), api("GET", "/bots"), api("GET", "/chats")]);
  if (!people || !bots || !chats) return;
  document.getElementById("bots").replaceChildren(...(bots.length ? bots.map(botNode) : [word("nobot")]));
  for (const person of people) {
    if (!phones.has(person.id)) {
      phones.set(person.id, new Phone(person));
      root.append(phones.get(person.id).node);
    }
    phones.get(person.id).setChats(chatsOf(person, bots, chats));
  }
  let hint = root.querySelector(".hint");
  if (people.length && hint) hint.remove();
  if (!people.length && !hint) root.append(element("p", "hint", word("nobody")));
  await Promise.all([...phones.values()].map((phone) => phone.refresh()));
  if (!callsPanel.hidden) await refreshCalls();
}

function botNode(bot) {
  const live = bot.polling || bot.webhook.url;
  const node = element("span", live ? "bot live" : "bot", `@${bot.username}`);
  node.title = bot.first_name;
  return node;
}

function chatsOf(person, bots, chats) {
  const used = new Set(chats.private.filter((p) => p.person === person.id).map((p) => p.bot));
  const anyUsed = used.size > 0;
  const inGroup = (group) => group.upgraded_to === null &&
    group.members.some((m) => m.user.id === person.id && !["left", "kicked"].includes(m.status));
  const groups = chats.groups.filter(inGroup).map((g) => ({ peer: g.id, title: g.title, used: false }));
  // Someone who talks to a bot already is not offered those of others.
  const offered = bots.filter((bot) => used.has(bot.id) || (!anyUsed && !bot.revoked));
  return [...offered.map((b) => ({ peer: b.id, title: b.first_name, used: used.has(b.id) })), ...groups];
}

async function refreshCalls() {
  const calls = await api("GET", `/calls?after=${lastCall}`);
  if (!calls || !calls.length) return;
  lastCall = calls[calls.length - 1].id;
  for (const call of calls.slice(-100)) {
    const params = { ...call.params };
    delete params.reply_markup;
    const result = call.ok ? "✓" : `✗ ${call.error}`;
    callsPanel.prepend(element("div", call.ok ? "call" : "call bad",
      element("b", "", call.method), ` ${result} `, element("small", "", `${call.ms} ms`),
      element("code", "", JSON.stringify(params).slice(0, 400))));
  }
  while (callsPanel.children.length > 200) callsPanel.lastChild.remove();
}

async function follow() {
  let version = 0;
  for (;;) {
    try {
      const change = await api("GET", `/changes?after=${version}&timeout=25`);
      if (change && change.version > version) {
        await refresh();
        version = change.version;
        document.body.classList.remove("offline");
        // A busy bot changes something each millisecond; eyes need less.
        await new Promise((done) => setTimeout(done, 120));
      }
    } catch {
      document.body.classList.add("offline");
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const values = Object.fromEntries(new FormData(form));
  await api("POST", "/people", { first_name: values.first_name, phone: values.phone || null });
  form.reset();
});

document.getElementById("calls-toggle").addEventListener("click", async (event) => {
  callsPanel.hidden = !callsPanel.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!callsPanel.hidden));
  if (!callsPanel.hidden) await refreshCalls();
});

refresh().then(follow);
