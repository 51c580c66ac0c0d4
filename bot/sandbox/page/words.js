"use strict";
// The page's own few words, in the browser's language.
const WORDS = {
  en: {
    sandbox: "sandbox", name: "Name", phone: "Phone", add: "Add a person", calls: "Calls", docs: "API",
    message: "Message", send: "Send", attach: "Attach a file", empty: "No messages yet", start: "Start",
    nobody: "Nobody is here yet. Add a person above, then write to a bot.", nobot: "No bot has come yet.",
    edited: "edited", blocked: "blocked", block: "Block", unblock: "Unblock", reply: "Reply", edit: "Edit",
    all: "All topics", typing: "typing…", photo: "Photo", file: "File", service: "service", close: "OK",
    contact: "Contact", location: "Location", voice: "Voice", video: "Video", sticker: "Sticker", pay: "Invoice",
  },
  ru: {
    sandbox: "песочница", name: "Имя", phone: "Телефон", add: "Добавить человека", calls: "Вызовы", docs: "API",
    message: "Сообщение", send: "Отправить", attach: "Приложить файл", empty: "Сообщений пока нет", start: "Старт",
    nobody: "Пока никого нет. Добавьте человека выше и напишите боту.", nobot: "Боты ещё не подключались.",
    edited: "изменено", blocked: "заблокирован", block: "Заблокировать", unblock: "Разблокировать",
    reply: "Ответить", edit: "Изменить", all: "Все темы", typing: "печатает…", photo: "Фото", file: "Файл",
    service: "служебное", close: "Понятно", contact: "Контакт", location: "Место", voice: "Голосовое",
    video: "Видео", sticker: "Стикер", pay: "Счёт",
  },
};
const LANGUAGE = navigator.language.startsWith("ru") ? "ru" : "en";
const word = (name) => WORDS[LANGUAGE][name] || name;
document.documentElement.lang = LANGUAGE;
for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
for (const node of document.querySelectorAll("[data-hint]")) {
  node.placeholder = word(node.dataset.hint);
  node.setAttribute("aria-label", word(node.dataset.hint));
}
