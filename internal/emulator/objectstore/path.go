package objectstore

import "strings"

// path leads from an object over references to a field: project:owner:name.
type path struct {
	steps []step
}

type step struct {
	table *table
	field *field
}

func (p path) last() *field { return p.steps[len(p.steps)-1].field }

// own says whether the path is a field of the object itself.
func (p path) own() bool { return len(p.steps) == 1 }

// resolve finds the way that a name such as status or owner:name means. Nesting under the ID of a
// reference works too: owner and ownerID are one.
func (q *query) resolve(t *table, name string) (path, error) {
	var p path
	for rest := name; ; {
		if f := t.class.field(rest); f != nil {
			p.steps = append(p.steps, step{t, f})
			return p, nil
		}
		relation, further, nested := strings.Cut(rest, ":")
		f := t.class.reference(relation)
		if f == nil || !nested {
			return path{}, q.unknownField(t.class, rest)
		}
		if len(p.steps) == maxDepth {
			return path{}, invalid("The path %s is deeper than %d objects", name, maxDepth)
		}
		p.steps = append(p.steps, step{t, f})
		t, rest = q.store.tables[f.target], further
	}
}

// read follows the path from a row; where a reference on it is null, so is the value.
func (p path) read(row int32) value {
	for _, s := range p.steps[:len(p.steps)-1] {
		v := s.table.get(s.field, row)
		if v.null {
			return v
		}
		row = int32(v.number)
	}
	s := p.steps[len(p.steps)-1]
	return s.table.get(s.field, row)
}

// text is a value's text for comparing, that of a reference being the ID it refers to.
func (p path) text(v value, s *Store) string {
	f := p.last()
	if f.kind != kindReference || v.null {
		return v.text
	}
	return s.tables[f.target].id(int32(v.number)).String()
}
