// The overview: numbers of the whole corpus as tiles, charts and tables.

const numbers = data.numbers;
const night = matchMedia('(prefers-color-scheme: dark)');
let drawn = null; // language and light in which the overview was drawn last

function drawOverview() {
  const wanted = `${language} ${night.matches}`;
  if (drawn === wanted) return;
  drawn = wanted;
  const totals = numbers.totals;
  const share = (count) => percent(count / Math.max(totals.characters, 1));
  byId('totals').replaceChildren(
    ...[
      [totals.pages, 'pages'],
      [totals.second_articles, 'second_articles'],
      [totals.released, 'released'],
      [totals.rejected, 'rejected'],
      totals.withdrawn ? [totals.withdrawn, 'withdrawn'] : null,
      [totals.repaired, 'repaired'],
      [share(totals.characters_cut), 'cut_of'],
      [share(totals.characters_released), 'kept_share'],
    ].filter(Boolean).map(([value, key]) =>
      make('div', {}, make('dt', {}, word(key)), make('dd', {}, typeof value === 'number' ? number(value) : value))),
  );
  fillBlock('funnel', chart('documents'), chart('funnel'), make('h3', {}, word('verdicts')),
    table('verdict:verdict documents:count why:why', numbers.verdicts));
  const audit = numbers.audit;
  const rates = ({ overall, families }) => [...(overall ? [{ family: 'all', ...overall }] : []), ...families];
  const ratesOf = (told) => (told.overall
    ? table('family:family:family rate:share low:share:low high:share:high wrong:count:wrong_count judged:count pieces:count covered:share', rates(told))
    : make('p', {}, word('not_judged')));
  fillBlock('audit', ...(audit
    ? [make('h3', {}, word('false_cuts')), ratesOf(audit.false_cuts), make('h3', {}, word('missed_noise')), ratesOf(audit.missed_noise),
      make('p', { class: 'small', dir: 'auto' }, audit.method)]
    : [make('p', {}, word('not_audited'), ' ', latin('ghirbal audit'))]));
  fillBlock('families', chart('families'),
    folded(table('family:family:family pieces:count chars:count:characters share:share', numbers.families)));
  fillBlock('rules', table(
    'rule:rule action:action pieces:count pages:count chars:count:characters share:share before:count:zone_before '
    + 'body:count:zone_body box:count:zone_box after:count:zone_after why:why', numbers.rules));
  fillBlock('heat', chart('heat'), make('h3', {}, word('outlets')),
    table('outlet:outlet pages:count released:count chars:count:characters share:share:cut_share sure:score', numbers.outlets),
    folded(() => table('outlet:outlet rule:rule share:share:share_of_pages pages:count chars:count:characters', numbers.heat)));
  fillBlock('lengths', chart('lengths'), folded(table('length:id:length before:count after:count', lengthRows())));
  const undated = numbers.months.find((row) => !row.month);
  fillBlock('months', chart('months'),
    undated ? make('p', {}, word('undated', { n: number(undated.documents) })) : null,
    folded(table('month:id documents:count', numbers.months.filter((row) => row.month))));
  fillBlock('languages', chart('languages'), folded(table('lang:id:language documents:count released:count', numbers.languages)));
  fillBlock('duplicates', chart('roles'),
    table('id:document:document outlet:outlet cluster_size:count cluster_outlets:count', numbers.clusters.filter((row) => row.cluster_size > 1)));
  fillBlock('losers', table(
    'id:document:document outlet:outlet cut_share:share size:count:page_length n_chars:count:text_length verdict:verdict',
    numbers.losers));
  fillBlock('silent', numbers.silent.length ? table('rule:id file:id why:why', numbers.silent) : make('p', {}, word('silent_none')));
}

const table = (columns, rows) => makeTable(columnsOf(columns), rows);
const fillBlock = (name, ...children) =>
  byId(`block-${name}`).querySelector('.body').replaceChildren(...children.filter(Boolean));

// A table beside its chart, shut; a long one is made when it is opened.
function folded(content) {
  const details = make('details', {}, make('summary', {}, word('as_table')));
  if (typeof content !== 'function') details.append(content);
  else details.addEventListener('toggle', () => details.append(content()), { once: true });
  return details;
}

function lengthRows() {
  const rows = new Map();
  for (const { from, to, what, documents } of numbers.lengths) {
    const length = to ? `${number(from)}-${number(to - 1)}` : `${number(from)}+`;
    rows.set(length, { ...rows.get(length), length, [what]: documents });
  }
  return [...rows.values()];
}

// A chart by name. Vega lays out from left to right, so in Arabic a chart is turned: it begins at the right, as the page.
function chart(name) {
  if (!data.charts[name]) return null;
  const box = make('div', { class: 'chart', tabindex: '0', role: 'group', 'aria-label': word(name === 'roles' ? 'duplicates' : name) });
  const options = {
    actions: false,
    renderer: 'svg',
    ast: true, // expressions are interpreted: the page's policy lets nothing be compiled from text
    config: chartConfig(name),
    tooltip: { theme: night.matches ? 'dark' : 'light' },
  };
  // A chart fills its box, so it is drawn when the box has a width.
  requestAnimationFrame(() => vegaEmbed(box, turned(withWords(data.charts[name])), options));
  return box;
}

// The chart with the words of the language in place of their @keys.
function withWords(value) {
  if (Array.isArray(value)) return value.map(withWords);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withWords(one)]));
  }
  return typeof value === 'string' && value[0] === '@' && Object.hasOwn(data.words.page, value.slice(1)) ? word(value.slice(1)) : value;
}

function turned(spec) {
  if (language !== 'ar') return spec;
  const { x, y, xOffset, ...rest } = spec.encoding;
  const reversed = (one) => ({ ...one, scale: { ...one.scale, reverse: true } });
  const axis = x.axis?.labelAngle ? { ...x.axis, labelAngle: -x.axis.labelAngle } : x.axis;
  return { ...spec, encoding: {
    ...rest,
    x: { ...reversed(x), ...(axis ? { axis } : {}) },
    y: { ...y, axis: { ...y.axis, orient: 'right' } },
    ...(xOffset ? { xOffset: reversed(xOffset) } : {}),
  } };
}

function chartConfig(name) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ink = colour('--ink');
  const text = { labelColor: ink, titleColor: ink };
  return {
    background: null,
    font: style.getPropertyValue('--font').trim(),
    axis: { ...text, gridColor: colour('--line'), domainColor: colour('--line'), tickColor: colour('--line'), labelFontSize: 12, titleFontSize: 12 },
    legend: { ...text, labelFontSize: 12, layout: { bottom: { anchor: language === 'ar' ? 'end' : 'start' } } },
    // Between the cells of the heat map, and where a rule never fired, the ground shows.
    view: { stroke: null, ...(name === 'heat' ? { fill: colour('--panel') } : {}) },
    rect: { stroke: colour('--paper'), strokeWidth: 1 },
    bar: { fill: colour('--accent') },
    range: { category: [colour('--line-strong'), colour('--accent')], heatmap: [colour('--faint'), colour('--accent')], ramp: [colour('--faint'), colour('--accent')] },
  };
}
