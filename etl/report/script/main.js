// The parts together: the address says what is shown, everything else follows from it.

const VIEWS = ['overview', 'documents', 'opinions'];

function route() {
  const [name, query] = location.hash.slice(1).split('?');
  const view = VIEWS.includes(name) ? name : asked ? 'documents' : 'overview';
  for (const other of VIEWS) byId(`view-${other}`).hidden = other !== view;
  for (const link of document.querySelectorAll('nav [data-view]')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (view === 'overview') drawOverview();
  if (view === 'opinions') drawOpinions();
  if (view === 'documents') {
    const values = Object.fromEntries(new URLSearchParams(query ?? ''));
    // The plain link to the view keeps the filters and the document that were there.
    if (query !== undefined || !current) {
      setFilters(values);
      applyFilters();
      const doc = values.id ? documentOf.get(values.id) ?? null : found.includes(current) ? current : found[0] ?? null;
      showDocument(doc, values.at === undefined ? null : Number(values.at));
    }
  }
}

function changeLanguage(chosenLanguage) {
  speak(chosenLanguage);
  fillFamilies();
  fillFilters();
  drawCounts();
  route();
  if (current) {
    const piece = chosen;
    applyFilters();
    showDocument(current, piece?.number ?? null);
  }
}

function fillFamilies() {
  const value = byId('family').value;
  const names = Object.keys(data.hues).filter((family) => !['space', 'review', 'template', 'zone'].includes(family));
  byId('family').replaceChildren(make('option', { value: '' }), ...names.map((family) => make('option', { value: family }, `${family} · ${familyWord(family)}`)));
  byId('family').value = value;
}

function listen() {
  byId('language').addEventListener('click', () => changeLanguage(language === 'ar' ? 'en' : 'ar'));
  byId('help-open').addEventListener('click', () => byId('help').showModal());
  byId('help-close').addEventListener('click', () => byId('help').close());
  night.addEventListener('change', () => { if (!byId('view-overview').hidden) drawOverview(); });
  window.addEventListener('hashchange', route);

  const filters = byId('filters');
  const refilter = () => {
    history.replaceState(null, '', toHash({ ...activeFilters(), id: current?.id }));
    applyFilters();
    if (!found.includes(current)) showDocument(found[0] ?? null);
  };
  let wait = 0;
  for (const kind of ['input', 'change']) {
    filters.addEventListener(kind, () => { clearTimeout(wait); wait = setTimeout(refilter, 200); });
  }
  filters.addEventListener('submit', (event) => { event.preventDefault(); refilter(); showDocument(current); });
  filters.addEventListener('reset', () => setTimeout(() => { setFilters({}); refilter(); }));
  byId('list-more').addEventListener('click', () => { listed += LISTED; drawList(); });

  byId('document').addEventListener('click', (event) => {
    const element = event.target.closest('[data-piece]');
    if (!element) return;
    const piece = openDocument(current).pieces[Number(element.dataset.piece)];
    const part = getSelection().toString().trim();
    choosePiece(piece);
    // A part of the piece marked with the mouse is what the opinion is on.
    if (part && part !== piece.text.trim() && piece.text.includes(part)) byId('part').value = part;
  });
  byId('document').addEventListener('focusin', (event) => {
    const element = event.target.closest('[data-piece]');
    if (element && Number(element.dataset.piece) !== chosen?.number) choosePiece(openDocument(current).pieces[Number(element.dataset.piece)]);
  });
  byId('bar').addEventListener('submit', (event) => event.preventDefault());
  byId('choices').addEventListener('click', (event) => {
    const button = event.target.closest('[data-opinion]');
    if (button) giveOpinion(button.dataset.opinion);
  });
  for (const name of ['part', 'note']) byId(name).addEventListener('change', amendOpinion);
  // Picked with the mouse it is done, and the keys are those of the text again; keys go through the list until Enter.
  let pointed = false;
  byId('family').addEventListener('pointerdown', () => { pointed = true; });
  byId('family').addEventListener('keydown', () => { pointed = false; });
  byId('family').addEventListener('change', () => {
    chooseFamily();
    if (pointed && chosen) backToPiece();
  });

  byId('export').addEventListener('click', exportOpinions);
  byId('import').addEventListener('change', async (event) => {
    if (event.target.files.length) await importOpinions(event.target.files[0]);
    event.target.value = '';
  });
  byId('forget').addEventListener('click', () => { byId('forget-sure').hidden = false; byId('forget-no').focus(); });
  const answered = () => { byId('forget-sure').hidden = true; byId('forget').focus(); };
  byId('forget-no').addEventListener('click', answered);
  byId('forget-yes').addEventListener('click', () => { opinions.clear(); saveOpinions(); drawOpinions(); answered(); });
}

// On a narrow screen the list would stand before every document.
byId('finder').open = wide.matches;
loadOpinions();
listen();
listenToKeys();
changeLanguage(lastLanguage());
