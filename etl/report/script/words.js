// Words, and the making of elements. Text of pages is untrusted: it only ever becomes a text node or a property,
// never HTML, so nothing in this file or the next ones assigns innerHTML.

const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString('en');
const percent = (value) => (100 * value).toFixed(1) + '%';
const wide = matchMedia('(min-width: 60rem)'); // room for the list beside the document
const LANGUAGE = 'ghirbal-language';
let language = 'ar';

// The language that was read last; Arabic at first, and where the browser keeps nothing.
function lastLanguage() {
  try {
    return localStorage.getItem(LANGUAGE) === 'en' ? 'en' : 'ar';
  } catch {
    return 'ar';
  }
}

// Key of words.toml -> its word in the language that is read, with {values} put in, each isolated from the
// direction of the words around it: 5% stays 5%.
function word(key, values = {}) {
  const both = data.words.page[key];
  return both[language === 'ar' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => `\u2068${values[name]}\u2069`);
}

function familyWord(family) {
  const both = data.words.families[family];
  return both ? both[language === 'ar' ? 0 : 1] : family;
}

// make('p', {class: 'x', onclick: f}, 'text', child): null children are left out.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// A name in its own direction, whatever stands around it.
const isolated = (text, attributes = {}) => make('bdi', attributes, String(text));
const latin = (text, attributes = {}) => make('bdi', { dir: 'ltr', class: 'id', ...attributes }, String(text));

// Direction of a line: that of its first letter of either kind, Arabic where it has none.
function directionOf(text) {
  const first = text.match(/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]|[\p{Script=Arabic}\p{Script=Hebrew}]/u);
  return first && /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(first[0]) ? 'ltr' : 'rtl';
}

// Puts the words of the chosen language into every element that names one.
function speak(chosen) {
  language = chosen;
  try {
    localStorage.setItem(LANGUAGE, language);
  } catch { /* it is asked for again next time */ }
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  document.title = word('title');
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', word(element.dataset.label));
  }
  for (const element of document.querySelectorAll('[data-placeholder]')) {
    element.placeholder = word(element.dataset.placeholder);
  }
  byId('language').lang = language === 'ar' ? 'en' : 'ar';
}

// The folded key of a text, as the rules see it: hamza, marks, digits and spaces as one (etl/fold.py).
const folding = new Map(Object.entries(data.fold));
function fold(text) {
  let key = '';
  for (const character of text) key += folding.get(character) ?? character;
  return key.replace(/ +/g, ' ').trim();
}
