package objectstore

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
)

const (
	defaultLimit = 100
	maxLimit     = 2000
)

// search answers with a window of the rows that match.
func (q *query) search(dst []byte, t *table) ([]byte, error) {
	f, err := q.compileFilter(t)
	if err != nil {
		return nil, err
	}
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	first, limit, err := q.window()
	if err != nil {
		return nil, err
	}
	keys, err := q.sortKeys(t)
	if err != nil {
		return nil, err
	}
	rows := q.arrange(t, f, keys, first, limit)
	if q.Params.Get("map") == "true" {
		return appendMap(dst, selected, rows, q.Version), nil
	}
	return appendList(dst, selected, rows, q.Version), nil
}

// countRows answers how many rows match.
func (q *query) countRows(dst []byte, t *table) ([]byte, error) {
	f, err := q.compileFilter(t)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"count":`...)
	return append(strconv.AppendInt(dst, int64(len(f.rows(t))), 10), '}'), nil
}

func appendList(dst []byte, selected *selection, rows []int32, version int) []byte {
	dst = append(dst, '[')
	for n, row := range rows {
		if n > 0 {
			dst = append(dst, ',')
		}
		before := len(dst)
		dst = selected.appendObject(dst, row, version)
		if n == 0 { // the others are about as long
			dst = slices.Grow(dst, len(rows)*(len(dst)-before)*5/4)
		}
	}
	return append(dst, ']')
}

// appendMap writes the rows under their IDs.
func appendMap(dst []byte, selected *selection, rows []int32, version int) []byte {
	dst = append(dst, '{')
	for n, row := range rows {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, selected.table.id(row).String()), ':')
		dst = selected.appendObject(dst, row, version)
	}
	return append(dst, '}')
}

// window reads $$FIRST and $$LIMIT.
func (q *query) window() (first, limit int, err error) {
	if first, err = q.whole("$$FIRST", 0); err != nil {
		return 0, 0, err
	}
	if limit, err = q.whole("$$LIMIT", defaultLimit); err != nil {
		return 0, 0, err
	}
	if limit > maxLimit {
		return 0, 0, invalid("The requested limit %d is greater than the maximum allowed limit of %d", limit, maxLimit)
	}
	if most := q.store.opts.MaxRows; most > 0 {
		limit = min(limit, most) // without a word, as by some limits that are not documented
	}
	return first, limit, nil
}

// whole reads a parameter that is a whole number, not negative.
func (q *query) whole(name string, otherwise int) (int, error) {
	text := q.Params.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0, invalid("Invalid Parameter: %s value %q", name, text)
	}
	return n, nil
}

// sortKey is one field_Sort parameter.
type sortKey struct {
	path       path
	descending bool
	fold       bool
}

// sortKeys reads the _Sort parameters: in the order given, or in that of their numbers where the
// names have one (name_1_Sort).
func (q *query) sortKeys(t *table) ([]sortKey, error) {
	type numbered struct {
		sortKey
		n int
	}
	var keys []numbered
	for _, p := range q.Params {
		name, ok := strings.CutSuffix(p.Name, "_Sort")
		if !ok {
			continue
		}
		var k numbered
		name, k.n = cutNumber(name)
		var direction string
		direction, k.fold = strings.CutPrefix(p.Value, "ci")
		k.descending = direction == "desc"
		if direction != "asc" && direction != "desc" {
			return nil, invalid("Invalid Parameter: %s value %q", p.Name, p.Value)
		}
		var err error
		if k.path, err = q.resolve(t, name); err != nil {
			return nil, err
		}
		if k.path.last().custom() {
			return nil, invalid("Invalid Parameter: %s value %q", p.Name, p.Value) // rows cannot be sorted by custom fields
		}
		keys = append(keys, k)
	}
	sort.SliceStable(keys, func(i, j int) bool { return keys[i].n < keys[j].n })
	sorted := make([]sortKey, len(keys))
	for i, k := range keys {
		sorted[i] = k.sortKey
	}
	return sorted, nil
}

// cutNumber takes the _1 off a parameter's name. Without one it comes after those that have one.
func cutNumber(name string) (string, int) {
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		if n, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i], n
		}
	}
	return name, math.MaxInt
}

// arrange returns one window of the matching rows. What the sort leaves open comes out differently each
// time, as from the database behind Workfront: whoever pages without a unique sort must notice here.
func (q *query) arrange(t *table, f filter, keys []sortKey, first, limit int) []int32 {
	if len(keys) > 0 && len(keys[0].path.steps) == 1 && keys[0].path.last().kind == kindID {
		return byID(t, f, keys[0].descending, first, limit)
	}
	matching := f.rows(t)
	shuffled := q.store.shuffle(len(matching))
	window := func(n int) (from, to int) { return min(first, n), min(first+limit, n) }
	from, to := window(len(matching))
	if len(keys) == 0 {
		rows := make([]int32, 0, to-from)
		for i := from; i < to; i++ {
			rows = append(rows, matching[shuffled(i)])
		}
		return rows
	}
	type sortable struct {
		row    int32
		values []value
	}
	all := make([]sortable, len(matching))
	values := make([]value, 0, len(matching)*len(keys))
	for i := range matching {
		row := matching[shuffled(i)]
		for _, k := range keys {
			v := k.path.read(row)
			v.text = k.path.text(v, q.store)
			if k.fold {
				v.text = strings.ToLower(v.text)
			}
			values = append(values, v)
		}
		all[i] = sortable{row, values[len(values)-len(keys):]}
	}
	sort.Slice(all, func(i, j int) bool {
		for n, k := range keys {
			if order := k.compare(all[i].values[n], all[j].values[n]); order != 0 {
				return order < 0
			}
		}
		return false
	})
	rows := make([]int32, 0, to-from)
	for _, s := range all[from:to] {
		rows = append(rows, s.row)
	}
	return rows
}

func (k sortKey) compare(a, b value) int {
	if k.descending {
		a, b = b, a
	}
	return compareValues(a, b)
}

// compareValues orders values of one field; null is greater than any other.
func compareValues(a, b value) int {
	switch {
	case a.null || b.null:
		return cmp.Compare(boolean(a.null).number, boolean(b.null).number)
	case a.text != "" || b.text != "":
		return strings.Compare(a.text, b.text)
	}
	return cmp.Compare(a.number, b.number)
}

// byID walks the order that the table keeps, no further than the window's end.
func byID(t *table, f filter, descending bool, first, limit int) []int32 {
	all := f.candidates(t, -1)
	if len(f) == 0 && !descending {
		n := len(all)
		return all[min(first, n):min(first+limit, n)]
	}
	var rows []int32
	for i := range all {
		if descending {
			i = len(all) - 1 - i
		}
		if len(rows) == limit {
			break
		}
		if row := all[i]; f.matches(row, -1) {
			if first--; first < 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// shuffle returns a permutation of the n first numbers that the seed decides and that is another at
// each call.
func (s *Store) shuffle(n int) func(int) int {
	rng := rand.New(rand.NewPCG(s.opts.Seed+streamOrder, s.unsorted.Add(1)))
	if n < 2 {
		return func(i int) int { return i }
	}
	// i → a·i + b mod n runs through all numbers once if a and n have no common divisor.
	a, b := 1+rng.IntN(n-1), rng.IntN(n)
	for gcd(a, n) != 1 {
		a++
	}
	return func(i int) int { return (a*i + b) % n }
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
