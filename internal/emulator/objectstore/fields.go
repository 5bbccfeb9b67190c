package objectstore

import (
	"encoding/json"
	"slices"
	"strings"
)

// maxDepth is how many objects deep a path may go.
const maxDepth = 4

// selection is what is written of an object, in order.
type selection struct {
	table  *table
	items  []item
	custom bool   // parameterValues: all custom fields in an object of their own,
	values []item // which are these
}

// item is a field; if sub is set, the object that a reference leads to; if by is set too, all objects
// that refer to the row with it.
type item struct {
	key    string // "name": as it is written
	field  *field
	target *table
	sub    *selection
	by     *field
}

// selectFields reads the fields parameters: comma lists or JSON arrays of names, * and paths. Every
// object begins with its ID, name and objCode, asked for or not.
func (q *query) selectFields(t *table) (*selection, error) {
	var names []string
	for _, list := range q.Params.All("fields") {
		if strings.HasPrefix(strings.TrimSpace(list), "[") {
			var array []string
			if err := json.Unmarshal([]byte(list), &array); err != nil {
				return nil, invalid("Invalid Parameter: fields value %q", list)
			}
			names = append(names, array...)
			continue
		}
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	s := q.newSelection(t)
	if names == nil {
		names = t.class.standard
	}
	for _, name := range names {
		if err := q.addPath(s, name, 1); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (q *query) newSelection(t *table) *selection {
	s := &selection{table: t}
	for _, name := range []string{"ID", "name", "objCode"} {
		if f := t.class.field(name); f != nil {
			s.add(name, item{field: f})
		}
	}
	return s
}

// add adds an item under a name that is not there yet.
func (s *selection) add(name string, i item) {
	i.key = jsonMember(name, "")
	if !slices.ContainsFunc(s.items, func(known item) bool { return known.key == i.key }) {
		s.items = append(s.items, i)
	}
}

func (q *query) addPath(s *selection, path string, depth int) error {
	class := s.table.class
	switch {
	case path == "*":
		for _, f := range class.fields {
			if !f.custom() {
				s.add(f.name, item{field: f, target: q.store.tables[f.target]})
			}
		}
		return nil
	case path == "parameterValues":
		s.custom, s.values = true, nil
		for _, f := range class.fields {
			if f.custom() {
				s.values = append(s.values, item{key: jsonMember(f.name, ""), field: f, target: q.store.tables[f.target]})
			}
		}
		return nil
	}
	if f := class.field(path); f != nil {
		s.add(f.name, item{field: f, target: q.store.tables[f.target]})
		return nil
	}
	if custom, ok := strings.CutPrefix(path, "DE:"); ok {
		return invalid("no such field: '%s'", custom)
	}
	relation, rest, nested := strings.Cut(path, ":")
	if depth > maxDepth {
		return invalid("The path %s is deeper than %d objects", path, maxDepth)
	}
	sub := q.subselection(s, relation)
	if sub == nil {
		return q.unknownField(class, path)
	}
	if !nested {
		return nil
	}
	return q.addPath(sub, rest, depth+1)
}

// subselection finds or adds what is nested under a name; there may be nothing of the name.
func (q *query) subselection(s *selection, name string) *selection {
	key := jsonMember(name, "")
	for _, known := range s.items {
		if known.key == key {
			return known.sub
		}
	}
	tables := q.store.tables
	if f := s.table.class.reference(name); f != nil {
		sub := q.newSelection(tables[f.target])
		s.add(name, item{field: f, target: sub.table, sub: sub})
		return sub
	}
	if collected, ok := s.table.class.collection(name); ok {
		sub := q.newSelection(tables[collected.target])
		s.add(name, item{sub: sub, by: sub.table.class.field(collected.by)})
		return sub
	}
	return nil
}

// appendObject writes the selected part of a row.
func (s *selection) appendObject(dst []byte, row int32, version int) []byte {
	dst = append(dst, '{')
	for n, i := range s.items {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, i.key...)
		if i.by != nil {
			dst = appendList(dst, i.sub, i.sub.table.members(i.by, s.table, row), version)
			continue
		}
		v := s.table.get(i.field, row)
		if i.sub != nil && !v.null {
			dst = i.sub.appendObject(dst, int32(v.number), version)
			continue
		}
		dst = appendValue(dst, i.field, v, version, i.target)
	}
	if s.custom {
		dst = s.appendCustom(append(dst, `,"parameterValues":`...), row, version)
	}
	return append(dst, '}')
}

// appendCustom writes the custom fields that have a value.
func (s *selection) appendCustom(dst []byte, row int32, version int) []byte {
	dst = append(dst, '{')
	first := true
	for _, i := range s.values {
		v := s.table.get(i.field, row)
		if v.null {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendValue(append(dst, i.key...), i.field, v, version, i.target)
	}
	return append(dst, '}')
}
