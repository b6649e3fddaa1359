// Opinions: the bar under the document, and the view that lists, exports and imports them.

const ALLOWED = { cut: ['right', 'wrong', 'unsure'], mark: ['right', 'wrong', 'cut', 'unsure'], kept: ['right', 'cut', 'unsure'] };
const SIGNS = { right: '✓', wrong: '✗', cut: '✂', unsure: '؟' };
let lastFamily = '';
let waiting = false; // for the family of a piece that should be cut

function opinionWord(opinion, kind) {
  if (opinion === 'right') return word(kind === 'kept' ? 'right_kept' : 'right');
  return word({ wrong: 'wrong', cut: 'should_cut', unsure: 'unsure' }[opinion]);
}

// Chooses the piece that the bar is about; null chooses none.
function choosePiece(piece, focus = false) {
  for (const element of document.querySelectorAll('.piece.chosen')) element.classList.remove('chosen');
  chosen = piece;
  waiting = false;
  byId('choices').hidden = !piece;
  byId('said').textContent = '';
  drawAbout();
  if (!piece) return;
  const element = elementOf(piece);
  if (!element) return;
  for (const other of document.querySelectorAll('.piece[tabindex="0"]')) other.tabIndex = -1;
  element.classList.add('chosen');
  element.tabIndex = 0;
  if (focus) {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'center' });
  }
  const record = opinionOn(current, piece);
  for (const button of byId('choices').querySelectorAll('[data-opinion]')) {
    const opinion = button.dataset.opinion;
    button.hidden = opinion ? !ALLOWED[piece.kind].includes(opinion) : !record;
    button.setAttribute('aria-pressed', String(Boolean(record) && record.opinion === opinion));
  }
  byId('choices').querySelector('[data-opinion="right"] span').textContent = opinionWord('right', piece.kind);
  byId('family-label').hidden = !ALLOWED[piece.kind].includes('cut');
  byId('family').value = record?.family ?? lastFamily;
  byId('note').value = record?.note ?? '';
  byId('part').value = record && record.text !== piece.text ? record.text : '';
}

function drawAbout() {
  const about = byId('about');
  if (!chosen) {
    about.replaceChildren(word('choose'));
    return;
  }
  const zone = chosen.zone < 0 ? null : word(['zone_before', 'zone_body', 'zone_box', 'zone_after'][chosen.zone]);
  about.replaceChildren(
    ...(chosen.rule ? [swatch(familyOf(chosen.rule)), ' ', latin(chosen.rule)] : [word('kept_line')]),
    ...(chosen.why ? [' ', make('span', { dir: 'auto', class: 'why' }, chosen.why)] : []),
    ...(zone ? [' · ', zone] : []),
    ...(chosen.score === null ? [] : [' · ', word('body_score'), ' ', latin(chosen.score)]),
  );
}

// Marks a piece with the opinion on it, in colour and in a sign.
function showOpinion(element, record) {
  element.classList.toggle('judged', Boolean(record));
  if (record) element.dataset.sign = SIGNS[record.opinion];
  else delete element.dataset.sign;
}

function giveOpinion(opinion) {
  if (!chosen || (opinion && !ALLOWED[chosen.kind].includes(opinion))) return;
  const place = placeOf(current.id, chosen.start, chosen.end);
  const said = byId('said');
  if (!opinion) {
    opinions.delete(place);
    said.textContent = word('removed');
  } else {
    const family = byId('family').value;
    if (opinion === 'cut' && !family) {
      waiting = true;
      said.textContent = word('family_needed');
      enterField('family');
      return;
    }
    const part = byId('part').value.trim();
    const at = part ? chosen.text.indexOf(part) : 0;
    if (at < 0) {
      said.textContent = word('part_missing');
      enterField('part');
      return;
    }
    const start = chosen.start + Array.from(chosen.text.slice(0, at)).length;
    const text = part || chosen.text;
    opinions.set(place, {
      id: current.id, raw_sha256: current.sha, start, end: start + Array.from(text).length, text,
      line: lineText(chosen), rule: chosen.rule, opinion, family: opinion === 'cut' ? family : null,
      note: byId('note').value.trim(), piece: [chosen.start, chosen.end],
    });
    if (opinion === 'cut') lastFamily = family;
    said.textContent = word('recorded', { what: opinionWord(opinion, chosen.kind) });
  }
  const text = said.textContent;
  saveOpinions();
  const element = elementOf(chosen);
  if (element) showOpinion(element, opinionOn(current, chosen));
  const active = document.activeElement;
  choosePiece(chosen);
  said.textContent = text; // choosing again empties it
  // The button that was pressed may be gone now; then the piece takes the focus back.
  if (active?.hidden || active === document.body) element?.focus({ preventScroll: true });
  drawCounts();
}

// Goes to a field of the bar, which stays where it is: the page must not scroll to where the bar would lie.
function enterField(name) {
  byId(name).focus({ preventScroll: true });
}

// Goes back to the chosen piece, with a scroll only where it is out of sight.
function backToPiece() {
  const element = elementOf(chosen);
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: 'nearest' });
}

// A family that is chosen is the opinion that waited for it.
function chooseFamily() {
  if (waiting && byId('family').value) giveOpinion('cut');
  else amendOpinion();
}

// A note, a part or a family that changes after the opinion changes the opinion.
function amendOpinion() {
  const record = chosen && opinionOn(current, chosen);
  if (record) giveOpinion(record.opinion);
}

function drawCounts() {
  const { here, elsewhere } = sortOpinions();
  byId('opinion-count').textContent = here.length ? `(${number(here.length)})` : '';
  const how = data.how;
  const done = here.filter((record) => asked?.has(placeOf(record.id, ...record.piece))).length;
  byId('coverage').textContent = word(asked ? 'audited' : how.all ? 'whole' : 'sampled', {
    shown: number(how.shown), of: number(how.of), strata: how.strata, seed: how.seed, asked: number(data.ask?.length ?? 0), done: number(done),
  });
  return { here, elsewhere };
}

function drawOpinions() {
  const { here, elsewhere } = drawCounts();
  const command = asked ? 'ghirbal audit --opinions review.jsonl' : 'ghirbal review apply review.jsonl';
  byId('storage').replaceChildren(word(stored ? 'stored' : 'unstored'), ...(stored ? [' ', latin(command)] : []), ...(elsewhere.length ? [' ', word('elsewhere', { n: number(elsewhere.length) })] : []));
  byId('export').disabled = !here.length;
  if (!here.length) {
    byId('opinion-table').replaceChildren(make('p', {}, word('none_yet')));
    return;
  }
  const head = make('tr', {}, ['opinion', 'rule', 'text', 'note', 'document'].map((key) => make('th', { scope: 'col' }, word(key))), make('td'));
  const rows = here.map((record) => {
    const doc = documentOf.get(record.id);
    const piece = openDocument(doc).pieces.find((one) => one.start === record.piece[0] && one.end === record.piece[1]);
    return make('tr', {},
      make('td', {}, SIGNS[record.opinion], ' ', opinionWord(record.opinion, piece.kind), record.family ? [' ', latin(record.family)] : null),
      make('td', {}, record.rule ? latin(record.rule) : word('kept_line')),
      make('td', { dir: 'auto' }, make('a', { href: toHash({ id: doc.id, at: piece.number }) }, record.text.trim())),
      make('td', { dir: 'auto' }, record.note),
      make('td', {}, isolated(titleOf(doc), { dir: 'auto' })),
      make('td', {}, make('button', { type: 'button', onclick: () => { opinions.delete(placeOf(record.id, ...record.piece)); saveOpinions(); drawOpinions(); byId('export').focus(); } }, word('take_back'))));
  });
  byId('opinion-table').replaceChildren(make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': word('opinions') },
    make('table', {}, make('thead', {}, head), make('tbody', {}, rows))));
}

function exportOpinions() {
  const { here } = sortOpinions();
  if (!here.length) return;
  const address = URL.createObjectURL(new Blob([toLines(here)], { type: 'application/jsonl' }));
  const link = make('a', { href: address, download: 'review.jsonl' });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// Reads a review.jsonl back: its opinions replace those kept here on the same pieces. One bad line, and none is taken.
async function importOpinions(file) {
  const said = byId('import-said');
  const records = [];
  const lines = (await file.text()).split('\n');
  for (const [place, line] of lines.entries()) {
    if (!line.trim()) continue;
    try {
      const record = JSON.parse(line);
      if (record.opinion === null) continue;
      if (!Object.hasOwn(SIGNS, record.opinion) || typeof record.id !== 'string' || !(record.start < record.end)) throw new TypeError('no opinion');
      records.push(record);
    } catch {
      said.textContent = word('unreadable', { n: number(place + 1) });
      return;
    }
  }
  let missed = 0;
  for (const record of records) {
    const doc = documentOf.get(record.id);
    const piece = doc && doc.sha === record.raw_sha256
      && openDocument(doc).pieces.find((one) => one.start <= record.start && record.end <= one.end && one.rule === (record.rule ?? null));
    if (piece && ALLOWED[piece.kind]?.includes(record.opinion)) {
      const kept = Object.fromEntries(LINE_KEYS.map((key) => [key, record[key] ?? null]));
      opinions.set(placeOf(doc.id, piece.start, piece.end), { ...kept, note: kept.note ?? '', line: lineText(piece), piece: [piece.start, piece.end] });
    } else missed += 1;
  }
  saveOpinions();
  said.textContent = word('imported', { n: number(records.length - missed), missed: number(missed) });
  drawOpinions();
}
