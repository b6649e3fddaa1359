// Keys. They go by the key's place (event.code), so that they are the same on an Arabic and a Latin keyboard.

const KEYS_OFF = 'ghirbal-keys-off';

const pieceKeys = {
  KeyJ: () => asked ? stepAsked(1, (doc, piece) => !opinionOn(doc, piece)) : stepPiece(1, (piece) => piece.kind !== 'kept'),
  KeyK: () => asked ? stepAsked(-1, () => true) : stepPiece(-1, (piece) => piece.kind !== 'kept'),
  ArrowDown: () => stepPiece(1, () => true),
  ArrowUp: () => stepPiece(-1, () => true),
  KeyN: () => stepDocument(1),
  KeyP: () => stepDocument(-1),
  KeyR: () => giveOpinion('right'),
  KeyW: () => giveOpinion('wrong'),
  KeyC: () => giveOpinion('cut'),
  KeyU: () => giveOpinion('unsure'),
  KeyX: () => giveOpinion(''),
  KeyF: () => !byId('choices').hidden && enterField('family'),
  KeyM: () => !byId('choices').hidden && enterField('note'),
};

const pageKeys = {
  Digit1: () => { location.hash = '#overview'; },
  Digit2: () => { location.hash = toHash({ ...activeFilters(), id: current?.id }); },
  Digit3: () => { location.hash = '#opinions'; },
  KeyE: () => exportOpinions(),
};

function listenToKeys() {
  const on = byId('keys-on');
  try {
    on.checked = localStorage.getItem(KEYS_OFF) === null;
  } catch {
    on.checked = true;
  }
  on.addEventListener('change', () => {
    try {
      if (on.checked) localStorage.removeItem(KEYS_OFF);
      else localStorage.setItem(KEYS_OFF, '1');
    } catch {
      stored = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId('help').open) return;
    const field = event.target.closest?.('input, select, textarea');
    const leaves = event.code === 'Escape' || (event.key === 'Enter' && field?.id === 'family');
    if (leaves && field && !byId('view-documents').hidden) {
      if (chosen) backToPiece();
      else byId('document').focus();
      return;
    }
    if (field || !on.checked) return;
    const documents = !byId('view-documents').hidden;
    // Arrows scroll tables and charts, and press through lists: they choose pieces only from the document itself.
    if (event.code.startsWith('Arrow') && !(event.target === document.body || event.target.closest('#document, #bar')) ) return;
    if (event.code.startsWith('Arrow') && event.target.closest('.scroll')) return;
    // A Latin letter counts by what the key says; on other keyboards, an Arabic one among them, its place does.
    const code = /^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.code;
    const asks = event.key === '?' || (event.code === 'Slash' && event.shiftKey);
    const seeks = event.key === '/' || event.code === 'Slash';
    const key = asks ? () => byId('help').showModal()
      : seeks ? () => { location.hash = toHash(activeFilters()); byId('finder').open = true; setTimeout(() => filterField('q').focus()); }
      : event.shiftKey ? null : (documents ? pieceKeys[code] : null) ?? pageKeys[code];
    if (!key) return;
    event.preventDefault();
    key();
  });
}
