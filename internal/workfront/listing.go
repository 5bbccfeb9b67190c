package workfront

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// listing is a search made ready to be read in pages.
type listing struct {
	request Request // without $$FIRST and $$LIMIT, and with every parameter in Fields
	hidden  bool    // ID was not asked for by the user and is not shown
	order   int     // 1: by ID ascending, -1: descending, 0: by a sort of the user's
}

// list checks that r can be read in pages, and adds to it what the walk needs: ID among the fields, and as the last sort key.
// Its errors are [*UsageError].
func (c *Client) list(r Request) (*listing, error) {
	q, err := c.plan(r)
	if err != nil {
		return nil, err
	}
	if r.Input != nil || q.changes || r.Method != "" && !strings.EqualFold(r.Method, http.MethodGet) {
		return nil, &UsageError{"only a GET that changes nothing can be read in pages"}
	}
	_, fields, err := c.resolve(r.Path)
	if err != nil {
		return nil, err
	}
	l := &listing{request: r}
	l.request.Path, _, _ = strings.Cut(r.Path, "?")
	l.request.Fields = tidyFields(slices.Concat(fields, r.Fields))
	for _, f := range l.request.Fields {
		switch {
		case f.Key == "$$FIRST" || f.Key == "$$LIMIT":
			return nil, &UsageError{f.Key + " stands in the query, but the pages are chosen by wfauth: use --limit for the number of rows and --page-size for those of a page"}
		case f.Key == "map" && strings.EqualFold(f.Value, "true"):
			return nil, &UsageError{"map=true cannot be read in pages: its rows come without an order; leave it out"}
		}
	}
	switch last := lastSegment(q.url.Path); {
	case strings.EqualFold(last, "report"):
		return nil, &UsageError{"a report cannot be read in pages: it has totals and no rows"}
	case strings.EqualFold(last, "count"):
		return nil, &UsageError{"a count cannot be read in pages: it is one number"}
	}
	l.sort()
	l.askID()
	return l, nil
}

func lastSegment(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// page is the request of one page.
func (l *listing) page(first, limit int) Request {
	r := l.request
	r.Fields = append(slices.Clip(r.Fields), Field{"$$FIRST", strconv.Itoa(first)}, Field{"$$LIMIT", strconv.Itoa(limit)})
	return r
}

// sort finds the order of the list, and makes it one that leaves nothing open.
// The keys count in the order of their numbers ("name_1_Sort"), and those that have none, first, in the order given.
func (l *listing) sort() {
	type key struct {
		name, order string
		number      int
	}
	var keys []key
	for _, f := range l.request.Fields {
		name, ok := strings.CutSuffix(f.Key, "_Sort")
		if !ok {
			continue
		}
		k := key{name: name, order: f.Value}
		if i := strings.LastIndexByte(name, '_'); i >= 0 {
			if n, err := strconv.Atoi(name[i+1:]); err == nil {
				k.name, k.number = name[:i], n
			}
		}
		keys = append(keys, k)
	}
	sort.SliceStable(keys, func(i, j int) bool { return keys[i].number < keys[j].number })
	if len(keys) > 0 && keys[0].name == "ID" {
		l.order = 1
		if strings.HasSuffix(keys[0].order, "desc") {
			l.order = -1
		}
		return
	}
	if slices.ContainsFunc(keys, func(k key) bool { return k.name == "ID" }) {
		return
	}
	name := "ID_Sort"
	if len(keys) == 0 {
		l.order = 1
	} else if n := keys[len(keys)-1].number; n > 0 {
		name = fmt.Sprintf("ID_%d_Sort", n+1)
	}
	l.request.Fields = append(l.request.Fields, Field{name, "asc"})
}

// askID adds ID to the fields that are asked for. Where none are named, Workfront sends it anyway.
func (l *listing) askID() {
	at := -1
	for i, f := range l.request.Fields {
		if f.Key != "fields" {
			continue
		}
		at = i
		if names := FieldNames(f.Value); slices.Contains(names, "ID") || slices.Contains(names, "*") {
			return
		}
	}
	if at < 0 {
		return
	}
	l.hidden = true
	value := &l.request.Fields[at].Value
	names, array := splitFields(*value)
	*value = joinFields(append(names, "ID"), array)
}
