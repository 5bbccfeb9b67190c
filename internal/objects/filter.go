package objects

import (
	"slices"
	"strings"
)

// Join says how a filter hangs together with those before it.
type Join int

// A filter is one that stands as an argument of its own, the first of an alternative (--or), or one more of it (--and).
const (
	Alone Join = iota
	Or
	And
)

// Term is one filter as it was given.
type Term struct {
	Join Join
	Text string
}

// Filter is what rows are chosen by: those that meet all conditions of one of its groups. Without any it chooses all.
type Filter struct {
	groups [][]part // the first is that of plain arguments
}

// part is a condition, or a parameter of Workfront's own.
type part struct {
	condition
	own   Param
	isOwn bool
	text  string // as it was given
}

// ParseFilter reads filters in the order given. matchCase makes ~ tell upper case from lower, as all else does. The errors
// are [Malformed] and [Unknown].
func ParseFilter(terms []Term, matchCase bool) (*Filter, error) {
	groups, err := group(terms)
	if err != nil {
		return nil, err
	}
	f := &Filter{groups: make([][]part, len(groups))}
	for i, texts := range groups {
		var own []string // fields that have a _Mod or _Range of the user's
		for _, text := range texts {
			if p, ok, _ := ownParameter(text); ok && p.field() != p.Key {
				own = append(own, p.field())
			}
		}
		for _, text := range texts {
			p, err := parsePart(text, own, matchCase)
			if err != nil {
				return nil, err
			}
			if name := p.own.Key; p.isOwn && i > 0 && (name == "filters" || strings.HasPrefix(name, "OR:")) {
				return nil, &Malformed{Text: text, Why: "cannot be a part of --or"}
			}
			f.groups[i] = append(f.groups[i], p)
		}
	}
	return f, f.oneJSON()
}

// oneJSON refuses what would need two parameters filters={json}: what the server does with two is not documented.
func (f *Filter) oneJSON() error {
	if !slices.ContainsFunc(slices.Concat(f.groups...), func(p part) bool { return p.own.Key == "filters" }) {
		return nil
	}
	for _, p := range slices.Concat(f.groups...) {
		if name := p.path.String(); !p.isOwn && isReserved(name) {
			return &Malformed{Text: p.text, Why: name + " can be a filter inside filters={json} only, and there is one already"}
		}
	}
	return nil
}

// group sorts filters into the plain ones and the alternatives.
func group(terms []Term) ([][]string, error) {
	groups := make([][]string, 1)
	for _, t := range terms {
		switch at := len(groups) - 1; {
		case t.Join == Alone:
			groups[0] = append(groups[0], t.Text)
		case t.Join == Or:
			groups = append(groups, []string{t.Text})
		case at == 0:
			return nil, &Malformed{Text: "--and " + t.Text, Why: "--and goes on with an --or, and there is none before it"}
		default:
			groups[at] = append(groups[at], t.Text)
		}
	}
	return groups, nil
}

func parsePart(text string, own []string, matchCase bool) (part, error) {
	p, ok, err := ownParameter(text)
	if err != nil {
		return part{}, err
	}
	for _, field := range own { // field=value beside the user's field_Mod is a part of that
		if value, found := strings.CutPrefix(text, field+"="); found && !ok {
			p, ok = Param{field, value}, true
		}
	}
	if ok {
		return part{own: p, isOwn: true, text: text}, nil
	}
	c, err := parseCondition(text, matchCase)
	return part{condition: c, text: text}, err
}

// conditions are those of our own language, in all groups.
func (f *Filter) conditions(yield func(part) bool) {
	for _, group := range f.groups {
		for _, p := range group {
			if !p.isOwn && !yield(p) {
				return
			}
		}
	}
}

// Objects returns the codes of the object types whose metadata [Filter.Check] and [Filter.Notes] would look at, as far as
// known tells: first the searched one, then what references lead to.
func (f *Filter) Objects(o Object, known Known) []string {
	codes := []string{o.Code}
	for p := range f.conditions {
		for _, code := range p.path.through(o.Code, known) {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// Check returns an [Unknown] for the first field that an object does not have, as far as its metadata is known.
func (f *Filter) Check(o Object, known Known) error {
	for p := range f.conditions {
		if _, err := p.path.Resolve(o, known); err != nil {
			return err
		}
	}
	return nil
}

// Doubtful says whether a condition compares a field with what an enumerated one may not have, so that metadata could tell why
// nothing was found: no ID, no date, nothing that stands for something else.
func (f *Filter) Doubtful() bool {
	for p := range f.conditions {
		if !slices.Contains([]string{equal, notEqual, among, notAmong}, p.modifier) || strings.HasSuffix(p.path.Field, "ID") {
			continue
		}
		for _, value := range p.values {
			if _, date := parseMoment(value); !date && !isID(value) && !strings.HasPrefix(value, "$$") {
				return true
			}
		}
	}
	return false
}

// Notes tells the values that their fields do not have: Workfront answers such a filter with an empty list, and no error.
func (f *Filter) Notes(o Object, known Known) []*Unknown {
	var notes []*Unknown
	for p := range f.conditions {
		if !slices.Contains([]string{equal, notEqual, among, notAmong}, p.modifier) {
			continue
		}
		field, err := p.path.Resolve(o, known)
		if err != nil || field == nil {
			continue
		}
		for _, value := range p.values {
			if unknown := field.unknownValue(p.path.String()+" of "+o.Path(), value); unknown != nil {
				notes = append(notes, unknown)
			}
		}
	}
	return notes
}
