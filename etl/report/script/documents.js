// Documents: the list with its filters, and one page at a time with its pieces in place.

const NONE = '-'; // in filters: outlet not known, or no verdict
const LISTED = 60; // entries of the list shown at a time
let found = data.documents; // what the filters let through
let current = null; // document on show
let chosen = null; // its piece that opinions are about
let listed = LISTED;

const filterNames = { q: 'search', outlet: 'outlet', rule: 'rule', verdict: 'verdict', opinion: 'opinion', score: 'score', least: 'least', most: 'most' };
const filterField = (name) => byId(`filter-${filterNames[name]}`);

// Filters and document as the part of the address after #: links, history and bookmarks need nothing else.
function toHash(values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined));
  return `#documents${query.size ? '?' : ''}${query}`;
}

function readFilters() {
  return Object.fromEntries(Object.keys(filterNames).map((name) => [name, filterField(name).value]));
}

function fillFilters() {
  const values = readFilters();
  const options = (pairs) => pairs.map(([value, text]) => make('option', { value }, text));
  const any = ['', word('any')];
  const outlets = [...new Set(data.documents.map((doc) => doc.outlet))].sort((a, b) => a.localeCompare(b, 'ar'));
  filterField('outlet').replaceChildren(...options([any, ...outlets.map((name) => [name || NONE, name || word('none')])]));
  const verdicts = [...new Set(data.documents.flatMap((doc) => doc.articles.map((one) => one.verdict)))].filter(Boolean).sort();
  filterField('verdict').replaceChildren(...options([any, [NONE, word('kept')], ...verdicts.map((name) => [name, name])]));
  filterField('opinion').replaceChildren(...options([
    any, ['with', word('with_opinion')], ['without', word('without_opinion')], ...(asked ? [['asked', word('asked_left')]] : []),
  ]));
  filterField('score').replaceChildren(...options(data.scores.map((name) => [name, name])));
  const byFamily = new Map();
  for (const [rule] of data.labels) {
    if (rule.startsWith(SPACE)) continue;
    const family = familyOf(rule);
    byFamily.set(family, [...(byFamily.get(family) ?? [`${family}/*`]), rule]);
  }
  filterField('rule').replaceChildren(...options([any]), ...[...byFamily].map(([family, rules]) =>
    make('optgroup', { label: `${family} (${familyWord(family)})` }, ...options(rules.map((rule) => [rule, rule])))));
  setFilters(values);
}

function setFilters(values) {
  for (const name of Object.keys(filterNames)) filterField(name).value = values[name] ?? '';
  if (!filterField('score').value) filterField('score').value = data.scores[0];
}

function searchable(doc) {
  doc.key ??= fold([doc.id, doc.path, ...doc.articles.flatMap((one) => one.fields.title?.value ?? []), doc.page].join(' '));
  return doc.key;
}

function fits(doc, filters, query) {
  if (filters.outlet && doc.outlet !== (filters.outlet === NONE ? '' : filters.outlet)) return false;
  if (filters.verdict && !doc.articles.some((one) => one.verdict === (filters.verdict === NONE ? '' : filters.verdict))) return false;
  if (filters.rule) {
    doc.rules ??= new Set([...doc.pieces.map((piece) => piece[2]), ...doc.repairs.map((repair) => repair[4])]);
    const family = filters.rule.endsWith('/*') ? filters.rule.slice(0, -1) : null;
    const label = (at) => at >= 0 && (family ? data.labels[at][0].startsWith(family) : data.labels[at][0] === filters.rule);
    if (![...doc.rules].some(label)) return false;
  }
  if (filters.least !== '' || filters.most !== '') {
    const scores = doc.articles.map((one) => one.scores[filters.score]).filter((score) => score !== undefined);
    const inside = (score) => (filters.least === '' || score >= Number(filters.least)) && (filters.most === '' || score <= Number(filters.most));
    if (!scores.some(inside)) return false;
  }
  if (filters.opinion) {
    const { pieces } = openDocument(doc);
    const has = pieces.some((piece) => opinionOn(doc, piece));
    if (filters.opinion === 'with' && !has) return false;
    if (filters.opinion === 'without' && has) return false;
    if (filters.opinion === 'asked' && !pieces.some((piece) => piece.asked && !opinionOn(doc, piece))) return false;
  }
  return !query || searchable(doc).includes(query);
}

function applyFilters() {
  const filters = readFilters();
  const query = fold(filters.q);
  found = data.documents.filter((doc) => fits(doc, filters, query));
  byId('found').textContent = word('found', { n: number(found.length), of: number(data.documents.length) });
  listed = LISTED;
  drawList();
}

function drawList() {
  byId('list').replaceChildren(...found.slice(0, listed).map((doc) => {
    const main = doc.articles[0];
    const verdict = main.verdict ? latin(main.verdict, { class: 'id badge' }) : null;
    return make('li', {}, make('a', { href: toHash({ ...activeFilters(), id: doc.id }), 'aria-current': doc === current ? 'true' : null },
      isolated(titleOf(doc), { dir: 'auto', class: 'title' }),
      make('span', { class: 'small' }, isolated(doc.outlet || word('none')), ' · ', word('cut_share'), ' ', isolated(percent(main.scores.cut_share ?? 0)), verdict ? ' ' : null, verdict)));
  }));
  byId('list-more').hidden = found.length <= listed;
}

const titleOf = (doc) => doc.articles[0].fields.title?.value[0] || doc.path || doc.id;

function activeFilters() {
  const filters = readFilters();
  if (filters.least === '' && filters.most === '') filters.score = '';
  return filters;
}

// Shows a document; `at` is the number of a piece to choose, a search leads to its first line.
function showDocument(doc, at = null) {
  current = doc;
  choosePiece(null);
  const box = byId('document');
  byId('bar').hidden = !doc;
  if (!doc) {
    byId('finder').open = true; // what let nothing through can be seen and changed
    box.replaceChildren(make('p', { class: 'empty' }, word(found.length ? 'not_here' : 'no_documents')));
    return;
  }
  const page = make('div', { class: 'page', role: 'group', 'aria-label': word('page_text') }, drawLines(doc));
  box.replaceChildren(drawHead(doc), ...doc.articles.map((one) => drawFields(doc, one)), drawMore(doc, page), page);
  for (const link of byId('list').querySelectorAll('a')) link.removeAttribute('aria-current');
  const place = found.indexOf(doc);
  byId('list').children[place]?.firstChild.setAttribute('aria-current', 'true');
  const { pieces } = openDocument(doc);
  // The page is one stop of the Tab key, whatever is chosen in it.
  const first = pieces.find((piece) => piece.kind !== 'space');
  if (first) elementOf(first).tabIndex = 0;
  const query = fold(readFilters().q);
  const hit = query && openDocument(doc).lines.find((line) => fold(line.map((one) => one.text).join('')).includes(query));
  if (at !== null && pieces[at]) choosePiece(pieces[at], true);
  else if (hit) page.querySelector('.hit')?.scrollIntoView({ block: 'center' });
}

function drawHead(doc) {
  const place = found.indexOf(doc);
  const step = (by) => {
    const other = place < 0 ? found[0] : found[place + by];
    return make('a', { class: 'button', href: other ? toHash({ ...activeFilters(), id: other.id }) : null, 'aria-disabled': other ? null : 'true', role: other ? null : 'link' },
      word(by < 0 ? 'previous' : 'next'), ' ', make('kbd', {}, by < 0 ? 'P' : 'N'));
  };
  const main = doc.articles[0];
  return make('header', {},
    make('div', { class: 'row' }, step(-1), step(1), make('span', { class: 'small' }, place < 0 ? '' : word('found', { n: number(place + 1), of: number(found.length) }))),
    make('h2', { dir: 'auto' }, titleOf(doc)),
    make('p', { class: 'small facts' }, isolated(doc.outlet || word('none')), ' · ', latin(doc.path), ' · ', latin(doc.id),
      doc.url ? [' · ', latin(doc.url)] : null, main.lang ? [' · ', latin(main.lang)] : null, doc.encoding ? [' · ', latin(doc.encoding)] : null),
    ...doc.articles.map((one) => drawFate(one)));
}

function drawFate(article) {
  const parts = [word(article.fate)];
  if (article.number) parts.unshift(word('article', { n: article.number }), ': ');
  if (article.verdict) parts.push(' ', latin(article.verdict), article.value === null ? null : ` (${article.value})`);
  if (article.cluster && article.cluster[1] > 1) {
    parts.push(' · ', word('cluster', { size: article.cluster[1], role: article.cluster[2] }));
  }
  for (const flag of article.flags) parts.push(' · ', word(`flag_${flag}`));
  return make('p', { class: `fate ${article.fate}` }, ...parts);
}

function drawFields(doc, article) {
  const rows = Object.entries(article.fields).map(([name, field]) => {
    const where = field.at !== null
      ? make('button', { type: 'button', class: 'link', onclick: () => choosePiece(openDocument(doc).pieces[field.at], true) },
        word('read_here'), ' ', latin(data.labels[doc.pieces[field.at][2]][0]))
      : make('span', {}, field.given ? [word('given'), ' ', latin(field.given)] : word('derived'));
    return make('tr', {}, make('th', { scope: 'row' }, word(`field_${name}`)),
      make('td', {}, field.value.map((value) => make('div', { dir: 'auto' }, value)), field.more ? make('div', { dir: 'auto', class: 'small' }, field.more) : null),
      make('td', { class: 'small' }, where));
  });
  if (!rows.length) return make('div');
  const title = article.number ? `${word('fields')}: ${word('article', { n: article.number })}` : word('fields');
  return make('details', { class: 'fields', open: !article.number && wide.matches }, make('summary', {}, title),
    make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title }, make('table', {}, make('tbody', {}, rows))));
}

// Scores, repairs, colours: what is looked at now and then.
function drawMore(doc, page) {
  const scores = Object.entries(doc.articles[0].scores).map(([name, value]) =>
    make('tr', {}, make('th', { scope: 'row' }, latin(name)), make('td', { class: 'numeric' }, String(value))));
  const families = [...new Set(openDocument(doc).pieces.filter((piece) => piece.kind === 'cut' || piece.kind === 'mark').map((piece) => familyOf(piece.rule)))];
  const boxes = [
    make('details', {}, make('summary', {}, word('legend')), make('ul', { class: 'legend' }, families.map((family) =>
      make('li', {}, swatch(family), ' ', familyWord(family), ' ', latin(family))))),
    make('details', {}, make('summary', {}, word('scores')), make('table', {}, make('tbody', {}, scores))),
  ];
  if (doc.repairs.length) {
    const box = make('input', { type: 'checkbox', id: 'as-it-came' });
    box.addEventListener('change', () => {
      page.replaceChildren(...(box.checked ? rawOf(doc).split('\n').map((line) => make('div', { class: 'words', dir: 'auto' }, line)) : drawLines(doc)));
      choosePiece(null);
    });
    const shown = doc.repairs.slice(0, 200).map(([, , before, after, label]) => make('tr', {},
      make('td', {}, isolated(visible(before), { dir: 'auto' })), make('td', {}, isolated(visible(after), { dir: 'auto' })), make('td', {}, latin(data.labels[label][0]))));
    boxes.push(make('details', {}, make('summary', {}, `${word('repairs')} (${number(doc.repairs.length)})`),
      make('label', {}, box, ' ', word('as_it_came')),
      make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': word('repairs') }, make('table', {}, make('tbody', {}, shown)))));
  }
  return make('div', { class: 'more' }, boxes);
}

// White space and characters without a shape, by their numbers.
const visible = (text) => text.replace(/[\p{Z}\p{C}]/gu, (character) => character === ' ' ? '␣' : `⟨${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

function drawLines(doc) {
  const query = fold(readFilters().q);
  return openDocument(doc).lines.map((line) => {
    if (line.every((piece) => piece.kind === 'space')) return make('div', { class: 'line blank' });
    const labels = [...new Map(line.filter((piece) => piece.kind === 'cut' || piece.kind === 'mark').map((piece) => [piece.rule, piece])).values()];
    const hit = query && fold(line.map((piece) => piece.text).join('')).includes(query);
    return make('div', { class: hit ? 'line hit' : 'line' },
      // dir=auto passes over children that have a dir of their own, so a line of several pieces says its direction.
      make('div', { class: 'words', dir: line.length > 1 ? directionOf(line.map((piece) => piece.text).join('')) : 'auto' }, line.map((piece) => drawPiece(doc, piece))),
      make('div', { class: 'labels' }, labels.map((piece) => make('span', { class: 'label' }, swatch(familyOf(piece.rule)), ' ', latin(piece.rule)))));
  });
}

const TAGS = { cut: 'del', mark: 'mark', kept: 'span', space: 'span' };

function drawPiece(doc, piece) {
  const text = piece.text.replace(/\n$/, '');
  if (piece.kind === 'space') return make('span', { class: 'piece space' }, text);
  const joins = piece.joinsBefore || piece.joinsAfter;
  const element = make(TAGS[piece.kind], {
    id: `piece-${piece.number}`,
    class: ['piece', piece.kind, piece.joinsBefore ? 'joins-before' : '', piece.joinsAfter ? 'joins-after' : '', piece.asked ? 'asked' : ''].join(' ').replace(/ +/g, ' ').trim(),
    // An isolate of its own would part joined letters; elsewhere it keeps each language in its direction.
    dir: joins || piece.kind === 'kept' || piece.line.length === 1 ? null : 'auto',
    tabindex: '-1',
    title: piece.rule ? [piece.rule, piece.why, joins ? word('inside_word') : ''].filter(Boolean).join('\n') : null,
    'data-piece': piece.number,
  }, text);
  if (piece.rule) element.style.setProperty('--hue', hueOf(familyOf(piece.rule)));
  showOpinion(element, opinionOn(doc, piece));
  return element;
}

const elementOf = (piece) => byId(`piece-${piece.number}`);

// The next document that the filters let through, or the one before.
function stepDocument(by) {
  const place = found.indexOf(current);
  const other = place < 0 ? found[0] : found[place + by];
  if (other) location.hash = toHash({ ...activeFilters(), id: other.id });
  return Boolean(other);
}

// The next piece of the document that `wanted` accepts.
function stepPiece(by, wanted) {
  if (!current) return;
  const { pieces } = openDocument(current);
  let at = chosen ? chosen.number + by : by > 0 ? 0 : pieces.length - 1;
  while (pieces[at] && !(pieces[at].kind !== 'space' && wanted(pieces[at]))) at += by;
  if (pieces[at]) choosePiece(pieces[at], true);
}

// In an audit: the next piece that waits, over pages, in the order of the draw. That is random, so that those judged are a
// fair draw too, wherever one stops; page by page they would be the first pages'.
function stepAsked(by, wanted) {
  const here = (one) => Boolean(chosen) && placeOf(...one) === placeOf(current.id, chosen.start, chosen.end);
  const from = data.ask.findIndex(here);
  for (let turn = from < 0 && by < 0 ? data.ask.length - 1 : from + by; data.ask[turn]; turn += by) {
    const [id, start, end] = data.ask[turn];
    const doc = documentOf.get(id);
    const piece = openDocument(doc).pieces.find((one) => one.start === start && one.end === end);
    if (!piece || !found.includes(doc) || !wanted(doc, piece)) continue;
    if (doc === current) choosePiece(piece, true);
    else location.hash = toHash({ ...activeFilters(), id, at: piece.number });
    return;
  }
}
