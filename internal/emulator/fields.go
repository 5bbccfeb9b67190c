package emulator

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
	custom bool // parameterValues: all custom fields in an object of their own
}

// item is a field, or if sub is set the object that a reference leads to.
type item struct {
	key    string // "name": as it is written
	field  *field
	target *table
	sub    *selection
}

// selectFields reads the fields parameters: comma lists or JSON arrays of names, * and paths. Every
// object begins with its ID, name and objCode, asked for or not.
func (c *call) selectFields(t *table) (*selection, error) {
	var names []string
	for _, list := range c.params.all("fields") {
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
	s := c.newSelection(t)
	if names == nil {
		names = t.class.standard
	}
	for _, name := range names {
		if err := c.addPath(s, name, 1); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (c *call) newSelection(t *table) *selection {
	s := &selection{table: t}
	for _, name := range []string{"ID", "name", "objCode"} {
		if f := t.class.field(name); f != nil {
			s.add(item{field: f})
		}
	}
	return s
}

func (s *selection) add(i item) {
	if !slices.ContainsFunc(s.items, func(known item) bool { return known.field == i.field && (known.sub != nil) == (i.sub != nil) }) {
		name := i.field.name
		if i.sub != nil {
			name = i.field.relation()
		}
		i.key = jsonMember(name, "")
		s.items = append(s.items, i)
	}
}

func (c *call) addPath(s *selection, path string, depth int) error {
	class := s.table.class
	switch {
	case path == "*":
		for _, f := range class.fields {
			if !f.custom() {
				s.add(item{field: f, target: c.tenant.data.tables[f.target]})
			}
		}
		return nil
	case path == "parameterValues":
		s.custom = true
		return nil
	}
	if f := class.field(path); f != nil {
		s.add(item{field: f, target: c.tenant.data.tables[f.target]})
		return nil
	}
	if strings.HasPrefix(path, "DE:") {
		return invalid("no such field: '%s'", strings.TrimPrefix(path, "DE:"))
	}
	relation, rest, nested := strings.Cut(path, ":")
	f := class.reference(relation)
	if f == nil {
		return c.unknownField(class, path)
	}
	if depth > maxDepth {
		return invalid("The path %s is deeper than %d objects", path, maxDepth)
	}
	sub := c.subselection(s, f)
	if !nested {
		return nil
	}
	return c.addPath(sub, rest, depth+1)
}

// subselection finds or adds the nested object of a reference.
func (c *call) subselection(s *selection, f *field) *selection {
	for _, known := range s.items {
		if known.field == f && known.sub != nil {
			return known.sub
		}
	}
	target := c.tenant.data.tables[f.target]
	sub := c.newSelection(target)
	s.add(item{field: f, target: target, sub: sub})
	return sub
}

// appendObject writes the selected part of a row.
func (s *selection) appendObject(dst []byte, row int32, version int) []byte {
	dst = append(dst, '{')
	for n, i := range s.items {
		if n > 0 {
			dst = append(dst, ',')
		}
		v := s.table.get(i.field, row)
		dst = append(dst, i.key...)
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
	for _, f := range s.table.class.fields {
		v := s.table.get(f, row)
		if !f.custom() || v.null {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendString(dst, f.name), ':')
		dst = appendValue(dst, f, v, version, nil)
	}
	return append(dst, '}')
}
