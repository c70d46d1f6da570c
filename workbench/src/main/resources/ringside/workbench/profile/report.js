'use strict';
// Shows a profile (profile.json, in the page) in tables, histograms, a flame graph and a time line.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = id => document.getElementById(id);
  const count = n => Math.round(n).toLocaleString('en-US');
  const share = n => (100 * n / Math.max(1, data.instructions)).toFixed(2) + ' %';
  const make = (tag, text, kind) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (kind) e.className = kind;
    return e;
  };
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const redraws = [];

  // ---- dark and light ----
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = on => {
    root.dataset.theme = on ? 'dark' : 'light';
    root.style.colorScheme = on ? 'dark' : 'light';
    redraws.forEach(f => f());
  };
  paint(dark.matches);
  dark.addEventListener('change', e => paint(e.matches));
  byId('theme').onclick = () => paint(root.dataset.theme !== 'dark');
  let before = null;
  addEventListener('beforeprint', () => { before = root.dataset.theme; paint(false); });
  addEventListener('afterprint', () => { if (before) paint(before === 'dark'); });

  // ---- head ----
  byId('title').textContent = 'Profile of ' + data.kernel;
  byId('command').textContent = data.command;
  byId('machine').textContent = [
    'Ringside ' + data.ringside, data.engine, data.memory + ' of memory', 'processor ' + data.processor,
    'host ' + data.host,
    `${(data.hostNanoseconds / 1e9).toFixed(1)} s of the host`].join(' · ');
  if (!data.sourceLines.length) byId('lines').remove();
  if (!data.leftTranslatedCode.length) byId('left').remove();
  for (const s of document.querySelectorAll('main section')) {
    const a = make('a', s.querySelector('h2').textContent);
    a.href = '#' + s.id;
    byId('contents').append(a);
  }
  const inEntries = data.entries.reduce((n, e) => n + e.instructions, 0);
  const cards = [
    [count(data.instructions), 'instructions from ' + count(data.from) + ' on'],
    [share(data.user), 'in user mode'],
    [share(inEntries), 'in entries'],
    [share(data.kernelOutsideOfEntries), 'in the kernel outside of entries'],
    [count(data.entries.reduce((n, e) => n + e.entries, 0)), 'entries'],
    [share(data.translated), 'by translated code'],
    [(data.virtualNanoseconds / 1e9).toFixed(3) + ' s', 'of the guest, idle ' + (data.idleNanoseconds / 1e9).toFixed(3)]];
  for (const [big, small] of cards) {
    const c = make('div', undefined, 'card');
    c.append(make('b', big), make('span', small));
    byId('cards').append(c);
  }

  // ---- time line ----
  const t = data.timeLine;
  const kept = t.columns.map((name, i) => i).filter(i => t.bins.some(b => b[i] > 0));
  if (t.bins.length > 0) {
    const xs = t.bins.map((b, i) => (data.from + (i + 1) * t.width) / 1e6);
    const sums = t.bins.map(b => Math.max(1, b.reduce((x, y) => x + y, 0)));
    const stacked = [];
    const upTo = t.bins.map(() => 0);
    for (const i of kept) {
      t.bins.forEach((b, k) => { upTo[k] += 100 * b[i] / sums[k]; });
      stacked.push(upTo.slice());
    }
    const draw = () => {
      byId('timeline').replaceChildren();
      const series = [{ label: 'million instructions', value: (u, v) => v == null ? '' : v.toFixed(2) }];
      kept.forEach((i, k) => series.push({
        label: t.columns[i].replace('_', ' '), stroke: color('--c' + i), fill: color('--c' + i), width: 0,
        points: { show: false }, paths: uPlot.paths.stepped({ align: -1 }),
        value: (u, v, si, idx) => idx == null ? '' : (100 * t.bins[idx][i] / sums[idx]).toFixed(1) + ' %' }));
      const axis = { stroke: color('--soft'), grid: { stroke: color('--line') }, ticks: { stroke: color('--line') } };
      // the highest first, so that each lower one covers it
      const order = kept.map((_, k) => k).reverse();
      new uPlot({
        width: byId('timeline').clientWidth, height: 210, series: [series[0], ...order.map(k => series[k + 1])],
        scales: { x: { time: false }, y: { range: [0, 100] } },
        axes: [axis, { ...axis, size: 58, values: (u, v) => v.map(x => x + ' %') }],
        cursor: { drag: { x: true, y: false } }
      }, [xs, ...order.map(k => stacked[k])], byId('timeline'));
    };
    redraws.push(draw);
    draw();
  }

  // ---- bars ----
  const bars = (where, pairs, label) => {
    const draw = () => {
      where.replaceChildren();
      if (pairs.length === 0) return;
      const axis = { stroke: color('--soft'), grid: { stroke: color('--line') }, ticks: { stroke: color('--line') } };
      const names = pairs.map(p => p[0]);
      new uPlot({
        width: where.clientWidth || 540, height: 190,
        series: [{ label, value: (u, v) => v == null ? '' : '≤ ' + count(names[v]) },
          { label: 'how many', fill: color('--accent'), stroke: color('--accent'),
            paths: uPlot.paths.bars({ size: [0.9, 60] }), points: { show: false },
            value: (u, v) => v == null ? '' : count(v) }],
        scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: (u, a, b) => [0, b || 1] } },
        axes: [{ ...axis, values: (u, v) => v.map(i => names[i] === undefined ? '' : count(names[i])) },
          { ...axis, size: 64, values: (u, v) => v.map(count) }]
      }, [names.map((_, i) => i), pairs.map(p => p[1])], where);
    };
    draw();
    return draw;
  };

  // ---- tables ----
  const number = (title, field, more) => ({
    title, field, hozAlign: 'right', headerHozAlign: 'right', headerWordWrap: true, sorter: 'number', headerSortStartingDir: 'desc',
    formatter: c => c.getValue() === undefined ? '' : count(c.getValue()), ...more });
  const text = (title, field, more) => ({
    title, field, headerFilter: 'input', headerFilterPlaceholder: 'filter', sorter: 'string', ...more });
  const table = (where, rows, columns, options, chosen) => {
    const t = new Tabulator(where, {
      data: rows, columns, layout: 'fitColumns', maxHeight: '440px', printAsHtml: true, printStyled: false,
      printRowRange: () => t.getRows('active').slice(0, 40), columnHeaderVertAlign: 'bottom',
      selectableRows: false, placeholder: 'none', ...options });
    if (chosen) t.on('rowClick', (e, row) => {
      document.querySelectorAll(where + ' .chosen').forEach(x => x.classList.remove('chosen'));
      row.getElement().classList.add('chosen');
      chosen(row.getData());
    });
    return t;
  };
  const plain = (heads, rows) => {
    const e = make('table', undefined, 'plain');
    const h = e.createTHead().insertRow();
    heads.forEach(x => h.append(make('th', x)));
    const b = e.createTBody();
    for (const r of rows) {
      const tr = b.insertRow();
      r.forEach(x => { tr.insertCell().textContent = typeof x === 'number' ? count(x) : x; });
    }
    return e;
  };

  // ---- entries ----
  // of entries that never returned there is nothing to be said
  const returned = (e, n) => e.perEntry.returned ? n : undefined;
  const part = (e, p) => e.parts[p] ? returned(e, e.parts[p].perEntry.median) : undefined;
  const entryRows = data.entries.map(e => ({
    entry: e, name: e.name, from: e.fromUser ? 'user' : 'kernel', entries: e.entries, nested: e.nested,
    instructions: e.instructions, share: e.instructions / Math.max(1, data.instructions),
    median: returned(e, e.perEntry.median), p99: returned(e, e.perEntry.p99), most: returned(e, e.perEntry.most),
    enter: part(e, 'entry assembly'), handler: part(e, 'handler'),
    exit: part(e, 'exit work'), leave: part(e, 'exit assembly'), tlb: e.tlbFills,
    micros: e.entries ? Math.round(e.hostNanoseconds / e.entries / 1000) : 0 }));
  table('#entries-table', entryRows, [
    text('entry', 'name', { widthGrow: 5, minWidth: 170 }),
    text('from', 'from', { width: 70 }), number('entries', 'entries', { width: 72 }), number('nested', 'nested', { width: 62 }),
    number('instructions', 'instructions', { minWidth: 104 }),
    number('share', 'share', { formatter: c => (100 * c.getValue()).toFixed(2) + ' %', width: 70 }),
    number('median', 'median', { width: 70 }), number('99 %', 'p99', { width: 66 }), number('most', 'most', { width: 76 }),
    number('entry asm', 'enter', { width: 64 }), number('handler', 'handler', { width: 68 }),
    number('exit work', 'exit', { width: 64 }),
    number('exit asm', 'leave', { width: 64 }),
    number('TLB fills', 'tlb', { width: 70 }),
    number('host µs each', 'micros', { width: 70 })],
  { initialSort: [{ column: 'instructions', dir: 'desc' }] }, r => showEntry(r.entry));
  const showEntry = e => {
    const d = byId('entry-detail');
    d.replaceChildren(make('h3', `${e.name}, from ${e.fromUser ? 'user mode' : 'the kernel'}: `
      + `${count(e.entries)} entries, ${count(e.perEntry.returned)} of them returned`));
    const two = make('div', undefined, 'columns'), left = make('div'), right = make('div');
    two.append(left, right);
    d.append(two);
    const chart = make('div', undefined, 'histogram');
    left.append(make('h3', 'Instructions of an entry'), chart);
    bars(chart, e.histogram, 'instructions');
    right.append(plain(['part', 'instructions', 'least', 'median', '99 %', 'most', 'loads, stores'],
      Object.entries(e.parts).map(([name, p]) => [name, p.instructions, p.perEntry.least, p.perEntry.median,
        p.perEntry.p99, p.perEntry.most, p.memoryPerEntry.median])));
    if (e.interrupted.length) right.append(plain(['interrupted', 'times'], e.interrupted));
  };
  if (data.entries.length) showEntry(data.entries[0]);

  // ---- flame graph ----
  const flame = { root: { name: 'all', value: 0, kids: new Map(), up: null }, zoomed: null, found: null };
  for (const s of data.stacks.stacks) {
    const weight = s[s.length - 1];
    let at = flame.root;
    at.value += weight;
    for (let i = 0; i < s.length - 1; i++) {
      const name = data.stacks.frames[s[i]];
      let kid = at.kids.get(name);
      if (!kid) at.kids.set(name, kid = { name, value: 0, kids: new Map(), up: at });
      kid.value += weight;
      at = kid;
    }
  }
  const hue = name => {
    let h = 0;
    for (let i = 0; i < name.length; i++) h = h * 31 + name.charCodeAt(i) >>> 0;
    if (name.startsWith('<')) return `hsl(${0 + h % 20} 75% 68%)`;
    if (name.startsWith('[user')) return `hsl(${205 + h % 20} 60% 72%)`;
    return `hsl(${32 + h % 24} ${70 + h % 20}% ${66 + h % 10}%)`;
  };
  const drawFlame = () => {
    const g = byId('flame-graph');
    g.replaceChildren();
    const top = flame.zoomed || flame.root;
    const chain = [];
    for (let n = top; n; n = n.up) chain.unshift(n);
    let deepest = 0, matched = 0;
    const width = g.clientWidth;
    const add = (n, x, w, level, dim) => {
      const f = make('div', w > 24 ? n.name : '', 'frame');
      f.style.cssText = `left:${x}px;width:${w}px;top:${level * 17}px;background:${hue(n.name)};opacity:${dim ? .55 : 1}`;
      f.title = `${n.name}\n${count(n.value)} instructions, ${(100 * n.value / flame.root.value).toFixed(2)} %`;
      if (flame.found && flame.found.test(n.name)) f.classList.add('found');
      f.onclick = () => { flame.zoomed = n === flame.root ? null : n; drawFlame(); };
      f.onmouseenter = () => { byId('flame-where').textContent = f.title.replace('\n', ' — '); };
      g.append(f);
      deepest = Math.max(deepest, level);
    };
    chain.slice(0, -1).forEach((n, i) => add(n, 0, width, i, true));
    const walk = (n, x, w, level) => {
      add(n, x, w, level, false);
      let at = x;
      const kids = [...n.kids.values()].sort((a, b) => a.name < b.name ? -1 : 1);
      for (const k of kids) {
        const kw = w * k.value / n.value;
        if (kw >= 1.5) walk(k, at, kw, level + 1);
        at += kw;
      }
    };
    if (top.value > 0) walk(top, 0, width, chain.length - 1);
    const search = n => {
      if (flame.found.test(n.name)) { matched += n.value; return; }
      n.kids.forEach(search);
    };
    if (flame.found) search(flame.root);
    byId('flame-found').textContent = flame.found
      ? `${count(matched)} instructions, ${(100 * matched / Math.max(1, flame.root.value)).toFixed(2)} %` : '';
    g.style.height = (deepest + 1) * 17 + 'px';
  };
  byId('flame-search').oninput = e => {
    try {
      flame.found = e.target.value ? new RegExp(e.target.value) : null;
      e.target.setCustomValidity('');
    } catch (x) {
      e.target.setCustomValidity('no regular expression');
      return;
    }
    drawFlame();
  };
  byId('flame-reset').onclick = () => { flame.zoomed = null; drawFlame(); };
  drawFlame();

  // ---- functions ----
  const functionRows = data.functions.map(f => ({
    name: f.name, instructions: f.instructions, share: f.instructions / Math.max(1, data.instructions),
    translated: f.translated / Math.max(1, f.instructions), code: data.code[f.name] ? 'listing' : '',
    entry: data.entryCode.includes(f.name) ? 'entry' : '' }));
  table('#functions-table', functionRows, [
    text('function', 'name', { widthGrow: 4 }), number('instructions', 'instructions'),
    number('share', 'share', { formatter: c => (100 * c.getValue()).toFixed(2) + ' %' }),
    number('by translated code', 'translated', { formatter: c => (100 * c.getValue()).toFixed(0) + ' %' }),
    text('entry code', 'entry', { width: 90 }), text('code', 'code', { width: 90 })],
  { initialSort: [{ column: 'instructions', dir: 'desc' }] }, r => showFunction(r.name));
  const showFunction = name => {
    const d = byId('function-detail');
    d.replaceChildren(make('h3', name));
    const lines = data.code[name];
    if (!lines) {
      d.append(make('p', 'No listing: only entry code and the busiest functions have one.', 'hint'));
      return;
    }
    const most = Math.max(...lines.map(l => l[2]));
    const pre = make('pre', undefined, 'listing');
    let before = '';
    for (const [offset, instruction, n, source] of lines) {
      if (source && source !== before) pre.append(make('span', `${''.padStart(14)}  ${source}\n`, 'source'));
      before = source || before;
      const line = make('span', `${count(n).padStart(14)}  +${offset.toString(16).padEnd(5)} ${instruction}\n`);
      if (n > most / 2) line.className = 'hot';
      pre.append(line);
    }
    d.append(pre);
  };
  const first = data.functions.find(f => data.code[f.name]);
  if (first) showFunction(first.name);

  // ---- source lines, and where translated code was left ----
  if (data.sourceLines.length) {
    table('#lines-table', data.sourceLines.map(x => ({ line: x[0], instructions: x[1],
      share: x[1] / Math.max(1, data.instructions) })), [
      text('line of the source', 'line', { widthGrow: 4 }), number('instructions', 'instructions'),
      number('share', 'share', { formatter: c => (100 * c.getValue()).toFixed(2) + ' %' })],
    { initialSort: [{ column: 'instructions', dir: 'desc' }] });
  }
  if (data.leftTranslatedCode.length) {
    table('#left-table', data.leftTranslatedCode.map(x => ({ place: x[0], last: x[1], events: x[2], others: x[3],
      way: x[4] })), [
      text('last instruction at', 'place', { widthGrow: 2 }), text('instruction', 'last', { widthGrow: 2 }),
      number('event came', 'events', { width: 90 }), number('went on', 'others', { width: 90 }),
      text('how it went on', 'way', { widthGrow: 2 })],
    { initialSort: [{ column: 'others', dir: 'desc' }] });
  }

  // ---- tasks ----
  table('#tasks-table', data.tasks.map(x => ({ ...x, all: x.user + x.kernel })), [
    number('pid', 'pid', { width: 64, formatter: 'plaintext' }), text('command', 'comm', { widthGrow: 2 }),
    number('instructions', 'all'), number('user', 'user'), number('kernel', 'kernel'),
    number('switches', 'switchesTo', { width: 86 })], { initialSort: [{ column: 'all', dir: 'desc' }] });
  table('#spaces-table', data.addressSpaces.map(x => ({ space: x[0], instructions: x[1] })), [
    text('address space (CR3)', 'space'), number('instructions', 'instructions')],
  { initialSort: [{ column: 'instructions', dir: 'desc' }] });

  // ---- stretches ----
  const stretches = (where, s) => {
    const w = byId(where);
    if (s.note) w.append(make('p', s.note, 'hint'));
    if (s.length.returned === 0) {
      w.append(make('p', 'None were seen.', 'hint'));
      return;
    }
    w.append(make('p', `${count(s.length.returned)} stretches, ${share(s.instructions)} of all instructions; median `
      + `${count(s.length.median)}, 99 % ${count(s.length.p99)}, longest ${count(s.length.most)} instructions.`));
    const two = make('div', undefined, 'columns'), left = make('div'), right = make('div'), chart = make('div');
    two.append(left, right);
    w.append(two);
    left.append(chart, make('h3', 'The longest'));
    redraws.push(bars(chart, s.histogram, 'instructions'));
    for (const x of s.longest) {
      const d = make('details');
      d.append(make('summary', `${count(x.instructions)} from ${x.begin}` + (x.task ? `, task ${x.task}` : '')),
        make('p', `instructions ${count(x.from)} to ${count(x.from + x.instructions)}, on again in ${x.end}`, 'hint'),
        make('pre', x.trace.join('\n')));
      left.append(d);
    }
    right.append(plain(['switched off in', 'times', 'instructions', 'longest'], s.beginsIn.slice(0, 25)));
  };
  stretches('interrupts-off', data.interruptsOff);
  stretches('preemption-off', data.preemptionOff);

  byId('footer').textContent = 'Counted, not sampled: each retired instruction is in one row of the entries, of user mode '
    + 'or of the kernel outside of entries, and in one function. Stacks are looked at every '
    + count(data.sampleEvery) + ' instructions. Everything is in this file.';
  document.body.dataset.ready = 'yes';
})();
