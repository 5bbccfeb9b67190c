package objects

import (
	"slices"
	"strings"
)

// CompleteFilter completes a filter: the path of its field, then its operators, and the values that an enumerated field has,
// each of a list of them. What it gives holds < and >, which a shell wants quoted.
func CompleteFilter(word string, o Object, known Known) []Candidate {
	left, operator, value, ok := splitOperator(word)
	if ok {
		if operator != "=" && operator != "!=" {
			return nil
		}
		return completeValues(left+operator, value, resolved(left, o, known), true)
	}
	all := CompletePath(word, o, known)
	for i := range all {
		all[i].More = true // a field alone is no filter
	}
	if f := resolved(word, o, known); f != nil {
		all = slices.DeleteFunc(all, func(c Candidate) bool { return c.Text == word })
		for _, operator := range f.operators() {
			all = append(all, Candidate{word + operator[0], operator[1], true})
		}
	}
	return all
}

// CompleteAssignment completes field=value of a write.
func CompleteAssignment(word string, o Object, known Known) []Candidate {
	left, value, ok := strings.Cut(word, "=")
	if ok {
		return completeValues(left+"=", value, resolved(left, o, known), false)
	}
	var all []Candidate
	if m := known(o.Code); m != nil {
		for _, f := range m.Fields {
			switch {
			case f.Has("READ_ONLY"):
			case f.Role == Reference || f.Role == Collection:
				all = append(all, Candidate{f.Name + ":=", f.Label, true})
			default:
				all = append(all, Candidate{f.Name + "=", f.Label, true})
			}
		}
	}
	return beginning(word, all)
}

func resolved(path string, o Object, known Known) *Field {
	p, err := ParsePath(path)
	if err != nil {
		return nil
	}
	f, _ := p.Resolve(o, known)
	return f
}

// completeValues completes a value, or the last of a list of them.
func completeValues(before, word string, f *Field, several bool) []Candidate {
	if f == nil {
		return nil
	}
	values := f.Values
	if len(values) == 0 && f.Type == "boolean" {
		values = []Value{{Value: "true"}, {Value: "false"}}
	}
	one := func(word string) []Candidate {
		var all []Candidate
		for _, v := range values {
			all = append(all, Candidate{Text: v.Value, Description: v.Label})
		}
		return beginning(word, all)
	}
	var all []Candidate
	if several {
		all = CompleteList(word, one)
	} else {
		all = one(word)
	}
	for i := range all {
		all[i].Text = before + all[i].Text
	}
	return all
}

// operators are those that make sense for a field.
func (f *Field) operators() [][2]string {
	sensible := "= != ~ !~ == !=="
	switch {
	case f.Role == Reference || f.Role == Collection:
		return nil
	case len(f.Values) > 0 || f.Type == "boolean" || strings.HasSuffix(f.Name, "ID"):
		sensible = "= !="
	case f.Type == "int" || f.Type == "double" || strings.HasPrefix(f.Type, "date"):
		sensible = "= != < <= > >="
	case f.Role == Custom:
		sensible += " < <= > >="
	}
	var all [][2]string
	for operator := range strings.FieldsSeq(sensible) {
		i := slices.IndexFunc(operators[:], func(o [2]string) bool { return o[0] == operator })
		all = append(all, operators[i])
	}
	return all
}
