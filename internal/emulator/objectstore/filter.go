package objectstore

import (
	"slices"
	"strings"
)

// filter is a disjunction of conjunctions: the plain parameters, or those of OR:1:, or of OR:2: …
// Without any it matches all rows.
type filter [][]condition

// condition is one thing that a row must meet. Inside EXISTS there is an outer row too, to compare with.
type condition struct {
	test func(row, outer int32) bool
	only func(outer int32) []int32 // the rows that can meet it, by ID, where that is known without a walk
}

func (f filter) matches(row, outer int32) bool {
	for _, all := range f {
		if !slices.ContainsFunc(all, func(c condition) bool { return !c.test(row, outer) }) {
			return true
		}
	}
	return len(f) == 0
}

// candidates are the rows among which all that match are.
func (f filter) candidates(t *table, outer int32) []int32 {
	if len(f) == 1 {
		for _, c := range f[0] {
			if c.only != nil {
				return c.only(outer)
			}
		}
	}
	return t.rows()
}

// rows returns the living rows that match. The slice is the table's own where everything does.
func (f filter) rows(t *table) []int32 {
	if len(f) == 0 {
		return t.rows()
	}
	var matching []int32
	for _, row := range f.candidates(t, -1) {
		if f.matches(row, -1) {
			matching = append(matching, row)
		}
	}
	return matching
}

// any says whether a row matches.
func (f filter) any(t *table, outer int32) bool {
	return slices.ContainsFunc(f.candidates(t, outer), func(row int32) bool { return f.matches(row, outer) })
}

// scope is where the names of a filter are looked up; within EXISTS, outer is where FIELD: is.
type scope struct{ table, outer *table }

// compileFilter makes a filter of the parameters that are one: field=value, field_Mod=operator and
// field_Range=value, the last two optional, the first repeated for several values.
func (q *query) compileFilter(t *table) (filter, error) {
	filters, err := q.Params.filters()
	if err != nil {
		return nil, err
	}
	var all Params
	for _, p := range q.Params {
		if isInstruction(p.Name) {
			continue
		}
		if name, _, _ := strings.Cut(p.Name, "_"); isCredential(name) {
			return nil, wrongLogin()
		}
		all = append(all, p)
	}
	return q.compile(scope{table: t}, append(all, filters...))
}

// compile makes a filter of parameters of which each is a part of one.
func (q *query) compile(in scope, all Params) (filter, error) {
	var f filter
	for _, group := range regroup(all, "OR:") {
		conjunction, err := q.compileGroup(in, group.params)
		if err != nil {
			return nil, err
		}
		f = append(f, conjunction)
	}
	return f, nil
}

// compileGroup makes the conditions of a group: the plain ones, those of AND:1:, where one field may have another
// condition, and EXISTS:1:.
func (q *query) compileGroup(in scope, p Params) (conditions []condition, err error) {
	for _, group := range regroup(p, "AND:") {
		var plain Params
		for _, part := range regroup(group.params, "EXISTS:") {
			if part.key == "" {
				plain = part.params
				continue
			}
			c, err := q.compileExists(in, part.params)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, c)
		}
		more, err := q.compilePlain(in, plain)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, more...)
	}
	return conditions, nil
}

func (q *query) compilePlain(in scope, p Params) (conditions []condition, err error) {
	var done []string
	for _, given := range p {
		name := strings.TrimSuffix(strings.TrimSuffix(given.Name, "_Mod"), "_Range")
		if slices.Contains(done, name) {
			continue
		}
		done = append(done, name)
		at, err := q.resolve(in.table, name)
		if err != nil {
			return nil, err
		}
		c, err := q.compileCondition(in, at, operands{
			name: name, modifier: strings.TrimSpace(p.Get(name + "_Mod")), values: p.All(name), ends: p.All(name + "_Range"),
		})
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

// group is the parameters that share a prefix, without it; those that have none are under "".
type group struct {
	key    string
	params Params
}

// regroup parts parameters by a prefix such as OR:1:, in the order in which each first comes.
func regroup(all Params, prefix string) (groups []group) {
	for _, p := range all {
		key := ""
		if tail, ok := strings.CutPrefix(p.Name, prefix); ok {
			if k, name, ok := strings.Cut(tail, ":"); ok {
				key, p.Name = k, name
			}
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.key == key })
		if i < 0 {
			i, groups = len(groups), append(groups, group{key: key})
		}
		groups[i].params = append(groups[i].params, p)
	}
	return groups
}

// isInstruction tells the parameters that say what to do with the rows from those that choose them.
func isInstruction(name string) bool {
	switch name {
	case "fields", "filters", "listOptions", "map", "method", "sessionID", "apiKey", "jsonp":
		return true
	}
	return strings.HasPrefix(name, "$$") || strings.HasSuffix(name, "_Sort") ||
		strings.HasSuffix(name, "_GroupBy") || strings.HasSuffix(name, "_AggFunc")
}

// isCredential tells the names that the server reads as a login before it looks for filters. Those of fields can be
// had inside filters={json} alone.
func isCredential(name string) bool { return name == "username" || name == "password" }

func wrongLogin() *Refusal {
	return &Refusal{
		Reason: LoggedOut, Class: ClassAuthentication,
		Message: "That username/password combination wasn't quite right.  Make sure your caps lock isn't on and try again.",
	}
}
