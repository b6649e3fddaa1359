// Tables that can be sorted by any column. A column: {key, title, kind}; a kind says how a value is shown and sorted.

const ROWS = 100; // rows shown before somebody asks for all of them

const KINDS = {
  text: { show: (value) => isolated(value ?? '', { dir: 'auto' }) },
  id: { show: (value) => latin(value ?? '') },
  why: { show: (value) => make('span', { dir: 'auto', class: 'why' }, value ?? '') },
  count: { show: (value) => number(value ?? 0), numeric: true },
  share: { show: (value) => (value === null ? '' : percent(value)), numeric: true },
  score: { show: (value) => (value === null ? '' : value.toFixed(3)), numeric: true },
  action: { show: (value) => word(value) },
  rule: { show: (value) => make('a', { href: toHash({ rule: value }) }, latin(value)) },
  family: { show: (value) => value === 'all' ? word('all_families') : [swatch(value), ' ', familyWord(value), ' ', latin(value)] },
  outlet: { show: (value) => make('a', { href: toHash({ outlet: value || NONE }) }, isolated(value || word('none'))) },
  verdict: { show: (value) => (value ? make('a', { href: toHash({ verdict: value }) }, latin(value)) : '') },
  document: {
    show: (value, row) => {
      const shown = isolated(row.title || row.path || value, { dir: 'auto' });
      const page = row.parent_id ?? value;
      return documentOf.has(page) ? make('a', { href: toHash({ id: page }) }, shown) : shown;
    },
  },
};

function makeTable(columns, rows) {
  if (!rows.length) return make('p', {}, word('nothing'));
  const body = make('tbody');
  const head = make('tr');
  let sorted = rows;
  let all = rows.length <= ROWS;
  const more = make('button', { type: 'button', onclick: () => { all = true; fill(); } });

  function fill() {
    body.replaceChildren(
      ...sorted.slice(0, all ? undefined : ROWS).map((row) =>
        make('tr', {}, columns.map((column) => {
          const kind = KINDS[column.kind];
          return make('td', { class: kind.numeric ? 'numeric' : null }, kind.show(row[column.key], row));
        })),
      ),
    );
    more.textContent = word('show_all', { n: number(rows.length) });
    more.hidden = all;
  }

  function sortBy(column, button) {
    const numeric = KINDS[column.kind].numeric;
    const cell = button.parentElement;
    // Numbers begin with the largest, names with the first letter; a second press turns the order round.
    const down = cell.ariaSort ? cell.ariaSort === 'ascending' : numeric;
    for (const other of head.children) other.removeAttribute('aria-sort');
    cell.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const by = (row) => row[column.key] ?? (numeric ? -Infinity : '');
    sorted = [...rows].sort((one, other) => {
      const order = numeric ? by(one) - by(other) : String(by(one)).localeCompare(String(by(other)), 'ar');
      return down ? -order : order;
    });
    fill();
  }

  for (const column of columns) {
    const button = make('button', { type: 'button', onclick: () => sortBy(column, button) }, word(column.title));
    head.append(make('th', { scope: 'col', class: KINDS[column.kind].numeric ? 'numeric' : null }, button));
  }
  fill();
  // The box scrolls sideways on a narrow screen; it can be reached and scrolled by keyboard too.
  const box = make('div', { class: 'scroll', tabindex: '0', role: 'group' }, make('table', {}, make('thead', {}, head), body));
  return make('div', { class: 'table' }, box, more);
}

const columnsOf = (text) => text.split(' ').map((part) => {
  const [key, kind, title] = part.split(':');
  return { key, kind, title: title ?? key };
});
