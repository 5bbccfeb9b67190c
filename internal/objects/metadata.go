package objects

import (
	"iter"
	"slices"
	"strings"
)

// Metadata is what a tenant says of one object type.
type Metadata struct {
	Code, Name, Label string
	Flags             []string
	Fields            []Field // those of all roles, in the order of the answer
	CustomKnown       bool    // the answer told which custom fields there are
	Actions, Queries  []Call
	Operations        []string // add, count, delete, edit, get, report, search …; empty where nothing is said
}

// Role is what a field is to its object.
type Role byte

// The roles of a field.
const (
	Plain      Role = 'f'
	Reference  Role = 'r' // to one object
	Collection Role = 'c' // of several
	Custom     Role = 'x' // of a form of the customer's own
)

// Field is a field, a reference, a collection or a custom field.
type Field struct {
	Role        Role
	Name, Label string // the name of a custom field begins with DE:
	// Type is string, string[], boolean, int, double, date, dateTime, map, or the name of an object type; it may be empty.
	Type   string
	Target string // the code of the object type that a reference or collection leads to
	Flags  []string
	Values []Value // all that an enumerated field can have
}

// Value is one of an enumerated field, as text.
type Value struct{ Value, Label string }

// Call is an action or a named query.
type Call struct {
	Name, Label string
	Arguments   []Argument
	Result      string // its type; mostly empty
}

// Argument is one of a [Call]. Its type is one of those of a [Field].
type Argument struct{ Name, Type string }

// Parts are the parts of a description that can be asked for alone.
func Parts() []string { return []string{"fields", "references", "collections", "actions", "queries"} }

// CheckPart checks the name of a part; the error is an [Unknown].
func CheckPart(name string) error {
	if slices.Contains(Parts(), name) {
		return nil
	}
	return &Unknown{Kind: KindPart, Name: name, In: "a description", Nearest: Nearest(name, Names(Parts()))}
}

// Field finds a field by its name, whatever its role; nil if there is none.
func (m *Metadata) Field(name string) *Field {
	for i := range m.Fields {
		if m.Fields[i].Name == name {
			return &m.Fields[i]
		}
	}
	return nil
}

// Having gives the fields of a role.
func (m *Metadata) Having(role Role) iter.Seq[*Field] {
	return func(yield func(*Field) bool) {
		for i := range m.Fields {
			if m.Fields[i].Role == role && !yield(&m.Fields[i]) {
				return
			}
		}
	}
}

// Action finds an action by its name; nil if there is none.
func (m *Metadata) Action(name string) *Call { return find(m.Actions, name) }

// Query finds a named query by its name; nil if there is none.
func (m *Metadata) Query(name string) *Call { return find(m.Queries, name) }

func find(calls []Call, name string) *Call {
	for i := range calls {
		if calls[i].Name == name {
			return &calls[i]
		}
	}
	return nil
}

// Check returns an [Unknown] for an argument that the call does not have. In is what the call is called in it. A call
// that lists none may have been described without them, and takes any; an ID goes beside the arguments.
func (c *Call) Check(argument string) error {
	takes := func(a Argument) bool { return a.Name == argument }
	if len(c.Arguments) == 0 || argument == "ID" || slices.ContainsFunc(c.Arguments, takes) {
		return nil
	}
	var all []string
	for _, a := range c.Arguments {
		all = append(all, a.Name)
	}
	return &Unknown{Kind: KindArgument, Name: argument, In: c.Name, Nearest: Nearest(argument, Names(all))}
}

// operationsOf are what the metadata calls what a verb needs.
func operationsOf(verb string) []string {
	switch verb {
	case Search, Count, Report, Get, Delete:
		return []string{verb}
	case Create, Copy:
		return []string{"add"}
	case Update:
		return []string{"edit"}
	case Upsert:
		return []string{"add", "edit", "search"}
	}
	return nil
}

func (m *Metadata) allows(verb string) bool {
	needs := operationsOf(verb)
	return len(needs) > 0 && !slices.ContainsFunc(needs, func(s string) bool { return !slices.Contains(m.Operations, s) })
}

// Has says whether a field has a flag, such as READ_ONLY.
func (f *Field) Has(flag string) bool { return slices.Contains(f.Flags, flag) }

// fieldNames gives what the fields may be called, and their names below a path: owner: or nothing.
func (m *Metadata) fieldNames(below string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range m.Fields {
			key := strings.TrimPrefix(f.Name, custom)
			if !yield(key, below+f.Name) || f.Label != "" && f.Label != key && !yield(f.Label, below+f.Name) {
				return
			}
		}
	}
}

// unknownValue is the complaint about a value that an enumerated field does not have; nil if it may have it. A status that
// waits for an approval has :A after it.
func (f *Field) unknownValue(in, value string) *Unknown {
	plain := strings.TrimSuffix(value, ":A")
	has := func(v Value) bool { return v.Value == value || v.Value == plain }
	if len(f.Values) == 0 || value == "" || strings.HasPrefix(value, "$$") || slices.ContainsFunc(f.Values, has) {
		return nil
	}
	unknown := &Unknown{Kind: KindValue, Name: value, In: in}
	for _, v := range f.Values {
		unknown.Has = append(unknown.Has, v.String())
	}
	unknown.Nearest = Nearest(value, func(yield func(string, string) bool) {
		for _, v := range f.Values {
			if !yield(v.Value, v.Value) || !yield(v.Label, v.Value) {
				return
			}
		}
	})
	return unknown
}

// String is the value and, where it tells more, its label: CUR (Current).
func (v Value) String() string {
	if v.Label == "" || v.Label == v.Value {
		return v.Value
	}
	return v.Value + " (" + v.Label + ")"
}
